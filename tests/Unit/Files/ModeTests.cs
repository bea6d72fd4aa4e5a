using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Files and folders arrive with the modes that <c>cp -r</c> gives, or exactly with those of the sender.</summary>
public sealed class ModeTests : IDisposable
{
    private static readonly DateTime Time = new(2020, 5, 5, 5, 5, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    public ModeTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Compares with cp of Linux.");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("666", "777", "")]
    [InlineData("755", "755", "")]
    [InlineData("640", "750", "")]
    [InlineData("444", "555", "")]
    [InlineData("600", "700", "")]
    [InlineData("666", "777", "set-group-id")]
    [InlineData("640", "750", "set-group-id")]
    [InlineData("666", "755", "acl")]
    [InlineData("644", "755", "acl")]
    [InlineData("600", "700", "acl")]
    public void New_files_and_folders_get_the_modes_that_cp_gives(string fileMode, string folderMode, string destination)
    {
        foreach (string name in new[] { "by cp", "by us" })
        {
            _folder.Folder(name);
            if (destination == "set-group-id")
                Shell.Run("chmod", "2770", _folder[name]);
            if (destination != "acl")
                continue;
            (int status, _, string errors) = Shell.TryRun("setfacl", "-d", "-m", "u::rwx,u:1234:rwx,g::rx,m::rwx,o::-", _folder[name]);
            Assert.SkipUnless(status == 0, $"No ACL here: {errors}");
        }

        _folder.File("source/d/f", "1234");
        Shell.Run("chmod", fileMode, _folder["source/d/f"]);
        Shell.Run("chmod", folderMode, _folder["source/d"]);
        Shell.Run("cp", "-r", _folder["source/d"], _folder["by cp"]);
        Receive(new DestinationOptions(), Mode("source/d/f"), Mode("source/d"));

        Assert.Equal(Listed("by cp/d/f"), Listed("by us/d/f"));
        Assert.Equal(Listed("by cp/d"), Listed("by us/d"));
    }

    [Fact]
    public void An_existing_file_and_folder_keep_their_modes()
    {
        TemporaryFolder.SetMode(_folder.File("by us/d/f", "old"), 0x180);
        TemporaryFolder.SetMode(_folder["by us/d"], 0x1C0);
        Receive(new DestinationOptions(), 0x1B6, 0x1FF);
        Assert.Equal((0x180, 0x1C0), (Mode("by us/d/f"), Mode("by us/d")));
    }

    [Fact]
    public void Preserved_modes_are_exactly_those_of_the_sender_but_inherited_bits_stay()
    {
        _folder.Folder("by us");
        Shell.Run("chmod", "2770", _folder["by us"]);
        TemporaryFolder.SetMode(_folder.File("by us/d/f", "old"), 0x180);
        Receive(new DestinationOptions { PreserveMode = true }, 0x1B6, 0x1FF);
        Assert.Equal((0x1B6, 0x5FF), (Mode("by us/d/f"), Mode("by us/d")));
    }

    private void Receive(DestinationOptions options, int fileMode, int folderMode)
    {
        using var tree = new DestinationTree(_folder["by us"], options);
        var folder = new ManifestEntry("d", EntryKind.Folder, 0, Time, folderMode);
        tree.Decide(folder);
        tree.CreateFolder(folder);
        var entry = new ManifestEntry("d/f", EntryKind.File, 4, Time, fileMode);
        using (IncomingFile file = tree.OpenIncoming(entry, resume: false))
        {
            file.Write(0, "1234"u8);
            file.Commit(entry, 4);
        }

        Assert.Empty(tree.FinishFolders());
        Assert.Equal(Time, Directory.GetLastWriteTimeUtc(_folder["by us/d"]));
    }

    private int Mode(string name) => TemporaryFolder.Mode(_folder[name]);

    // Mode and effective ACL.
    private string Listed(string name)
    {
        (int status, string acl, _) = Shell.TryRun("getfacl", "-cE", _folder[name]);
        return $"{Mode(name):X} {(status == 0 ? acl : "")}";
    }
}
