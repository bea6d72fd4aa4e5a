using System.Diagnostics;
using P2PCopy.Files.Names;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Hostile;

/// <summary>Entries whose names are good and whose other fields, or whose place at the destination, are not what a scan would give.</summary>
public sealed class HostileEntryTests : IDisposable
{
    private readonly TransferPair _pair = new();
    private readonly HostileSender _sender;

    public HostileEntryTests() => _sender = new HostileSender(_pair);

    [Fact]
    public async Task Times_at_both_ends_of_the_calendar_fail_no_more_than_their_own_file()
    {
        ManifestEntry first = _sender.File("first") with { Modified = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc) };
        ManifestEntry last = _sender.File("last") with { Modified = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) };
        ManifestEntry folder = HostileSender.Folder("folder") with { Modified = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) };

        (_, Outcome receiver) = await _sender.OfferAsync(_pair.Receive, first, folder, last, _sender.File("good"));

        Assert.Null(receiver.Error);
        Assert.Equal(HostileSender.Content, await File.ReadAllTextAsync(Path.Combine(_pair.Destination, "good"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x100)] // its owner may only read it
    public async Task Modes_that_shut_out_the_receiver_itself_stop_nothing(int mode)
    {
        ManifestEntry closed = HostileSender.Folder("closed") with { Mode = mode };
        ManifestEntry file = _sender.File("closed/file") with { Mode = mode };

        (_, Outcome receiver) = await _sender.OfferAsync(_pair.Receive with { PreserveMode = true }, closed, file, _sender.File("closed/later"));

        Assert.True(receiver.Succeeded, receiver.Exception?.ToString());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_pair.Destination, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_pair.Destination, "closed")).Length);
    }

    [Fact]
    public async Task A_pipe_or_a_device_in_the_place_of_a_file_neither_blocks_nor_gets_the_content()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo makes the pipe.");
        Directory.CreateDirectory(_pair.Destination);
        string pipe = Path.Combine(_pair.Destination, "pipe");
        using (Process made = Process.Start("mkfifo", [pipe]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        ManifestEntry file = _sender.File("pipe");
        await File.WriteAllBytesAsync(_pair.Folder["content"], new byte[100_000], TestContext.Current.CancellationToken);
        file = file with { Length = 100_000, Modified = File.GetLastWriteTimeUtc(_pair.Folder["content"]) };
        (_, Outcome receiver) = await _sender.OfferAsync(_pair.Receive with { OnConflict = ConflictPolicy.Overwrite }, file);

        Assert.True(receiver.Error is not null || receiver.Report is not null);
        Assert.True(!File.Exists(pipe) || new FileInfo(pipe).Length is 0 or 100_000);
    }

    [Fact]
    public async Task Many_links_that_lead_to_each_other_and_names_through_them_end()
    {
        List<ManifestEntry> entries = [];
        for (int i = 0; i < 200; i++)
            entries.Add(HostileSender.Link($"l{i}", $"l{(i + 1) % 200}"));
        entries.Add(HostileSender.Link("self", "."));
        entries.Add(_sender.File("l0/x"));
        entries.Add(_sender.File("self/self/self/y"));
        entries.Add(_sender.File("good"));

        (_, Outcome receiver) = await _sender.OfferAsync(_pair.Receive, [.. entries]);

        Assert.Null(receiver.Error);
        Assert.True(File.Exists(Path.Combine(_pair.Destination, "good")));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_pair.Destination)!), f => Path.GetFileName(f) is "x" or "y");
    }

    public void Dispose() => _pair.Dispose();
}
