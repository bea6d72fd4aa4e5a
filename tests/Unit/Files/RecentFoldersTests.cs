using P2PCopy.Files.Destination;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>The folders of the latest entries stay open, a few of them.</summary>
public sealed class RecentFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecentFolders _recent = new();

    public void Dispose()
    {
        _recent.Clear();
        _folder.Dispose();
    }

    [Fact]
    public void Two_folders_in_turn_stay_open()
    {
        SharedFolder first = Add("a"), second = Add("b");
        for (int i = 0; i < 10; i++)
        {
            Assert.Same(first, _recent.Find("a"));
            Assert.Same(second, _recent.Find("b"));
        }
    }

    [Fact]
    public void The_folder_that_was_used_least_recently_is_given_up()
    {
        foreach (string name in new[] { "a", "b", "c", "d" })
        {
            Add(name);
        }

        Assert.NotNull(_recent.Find("a"));
        Add("e");
        Assert.Null(_recent.Find("b"));
        Assert.All(new[] { "a", "c", "d", "e" }, name => Assert.NotNull(_recent.Find(name)));
    }

    [Fact]
    public void A_folder_that_is_given_up_stays_open_for_the_files_in_it()
    {
        SharedFolder file = Add("a").Share();
        _recent.Clear();
        Assert.Null(_recent.Find("a"));
        Assert.True(file.Handle.TryStat("", out _, out _));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Handle.TryStat("", out _, out _));
    }

    private SharedFolder Add(string name)
    {
        Directory.CreateDirectory(_folder[name]);
        return _recent.Add(new SharedFolder(name, FileSystem.Current.OpenFolder(_folder[name], out _)!));
    }
}
