using P2PCopy.Files.Names;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

public sealed class SourceReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_at_any_position_and_vouches_for_an_unchanged_file()
    {
        using SourceReader reader = SourceReader.Open(Offer("0123456789"));
        byte[] bytes = new byte[4];
        reader.Read(6, bytes);
        Assert.Equal("6789"u8.ToArray(), bytes);
        reader.VerifyUnchanged();
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("touched")]
    [InlineData("replaced")]
    [InlineData("deleted")]
    public void A_file_that_changes_while_it_is_read_is_noticed(string change)
    {
        SourceEntry offer = Offer("0123456789");
        using SourceReader reader = SourceReader.Open(offer);
        reader.Read(0, new byte[5]);
        if (OperatingSystem.IsWindows() && change is ("replaced" or "deleted"))
            Assert.Skip("Windows replaces no file that is open, and keeps a deleted one until it is closed.");
        Change(offer, change);
        var error = Assert.Throws<SourceFailedException>(reader.VerifyUnchanged);
        Assert.True(error.IsChange);
        Assert.Contains(offer.FullPath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("touched")]
    [InlineData("deleted")]
    [InlineData("replaced")]
    [InlineData("a folder")]
    [InlineData("a link")]
    public void A_file_that_changed_before_it_is_opened_is_noticed(string change)
    {
        SourceEntry offer = Offer("0123456789");
        if (OperatingSystem.IsWindows() && change == "replaced")
            Assert.Skip("Files have no number here; another file of the same size and time is not told apart.");
        Change(offer, change);
        Assert.True(Assert.Throws<SourceFailedException>(() => SourceReader.Open(offer)).IsChange);
    }

    [Fact]
    public void Reading_beyond_a_new_end_is_a_change()
    {
        SourceEntry offer = Offer("0123456789");
        using SourceReader reader = SourceReader.Open(offer);
        Change(offer, "truncated");
        Assert.True(Assert.Throws<SourceFailedException>(() => reader.Read(0, new byte[10])).IsChange);
    }

    [Fact]
    public void A_folder_swapped_for_a_link_after_the_scan_gives_no_file_that_was_not_selected()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not tell which file it is.");
        var time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        using var secret = new TemporaryFolder();
        secret.File("key", "secret!", time);
        _folder.File("home/d/key", "1234567", time);
        SourceEntry offer = SourceScanner.Scan(new SourceSelection { Paths = [_folder["home"]] }, CancellationToken.None).Entries.Single(e => e.Entry.Kind == EntryKind.File);

        Directory.Move(_folder["home/d"], _folder["home/away"]);
        _folder.Link("home/d", secret.FullPath);

        Assert.True(Assert.Throws<SourceFailedException>(() => SourceReader.Open(offer)).IsChange);
        Assert.Null(offer.TryRefresh());

        // Selected by its own path, too: there the folder is above the item.
        Directory.Delete(_folder["home/d"]);
        Directory.Move(_folder["home/away"], _folder["home/d"]);
        offer = SourceScanner.Scan(new SourceSelection { Paths = [_folder["home/d/key"]] }, CancellationToken.None).Entries.Single();
        Directory.Move(_folder["home/d"], _folder["home/away"]);
        _folder.Link("home/d", secret.FullPath);
        Assert.True(Assert.Throws<SourceFailedException>(() => SourceReader.Open(offer)).IsChange);
    }

    [Fact]
    public void Files_of_a_folder_that_is_replaced_meanwhile_are_those_that_were_selected_or_fail()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not tell which file it is.");
        _folder.File("home/d/1", "one");
        _folder.File("home/d/2", "two");
        _folder.File("home/e/1", "three");
        SourceEntry[] offers = [.. SourceScanner.Scan(new SourceSelection { Paths = [_folder["home"]] }, CancellationToken.None).Entries.Where(e => e.Entry.Kind == EntryKind.File)];
        using var folder = new LatestFolder();
        using (SourceReader first = SourceReader.Open(offers[0], folder))
            first.VerifyUnchanged();

        Directory.Move(_folder["home/d"], _folder["home/away"]);
        _folder.File("home/d/2", "TWO");
        byte[] bytes = new byte[3];
        using (SourceReader second = SourceReader.Open(offers[1], folder))
        {
            second.Read(0, bytes);
            Assert.Equal("two"u8.ToArray(), bytes);
            Assert.True(Assert.Throws<SourceFailedException>(second.VerifyUnchanged).IsChange);
        }

        using SourceReader third = SourceReader.Open(offers[2], folder);
        third.Read(0, bytes);
        Assert.Equal("thr"u8.ToArray(), bytes);
    }

    [Fact]
    public void A_file_that_gives_more_than_its_size_states_fails_with_a_way_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        SourceEntry offer = SourceScanner.Scan(new SourceSelection { Paths = ["/proc/version"] }, CancellationToken.None).Entries.Single();
        using SourceReader reader = SourceReader.Open(offer);
        var error = Assert.Throws<SourceFailedException>(reader.VerifyUnchanged);
        Assert.False(error.IsChange);
        Assert.Contains("send -", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_the_place_of_a_file_does_not_block()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        SourceEntry offer = Offer("x");
        File.Delete(offer.FullPath);
        Shell.Run("mkfifo", offer.FullPath);
        Assert.Throws<SourceFailedException>(() => SourceReader.Open(offer));
    }

    private SourceEntry Offer(string content)
    {
        string path = _folder.File("f", content, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return SourceScanner.Scan(new SourceSelection { Paths = [path] }, CancellationToken.None).Entries[0];
    }

    private void Change(SourceEntry offer, string change)
    {
        string path = offer.FullPath;
        switch (change)
        {
            case "grown":
                File.AppendAllText(path, "more");
                File.SetLastWriteTimeUtc(path, offer.Entry.Modified);
                break;
            case "truncated":
                File.WriteAllText(path, "01234567");
                File.SetLastWriteTimeUtc(path, offer.Entry.Modified);
                break;
            case "touched":
                File.SetLastWriteTimeUtc(path, offer.Entry.Modified.AddSeconds(1));
                break;
            case "replaced":
                File.Move(_folder.File("other", "abcdefghij", offer.Entry.Modified), path, overwrite: true);
                break;
            case "deleted":
                File.Delete(path);
                break;
            case "a folder":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "a link":
                File.Delete(path);
                _folder.File("other", "0123456789", offer.Entry.Modified);
                _folder.Link("f", "other");
                break;
        }
    }
}
