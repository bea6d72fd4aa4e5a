using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>File systems that report no size, round times, or lie inside each other.</summary>
public sealed partial class FileSystemQuirkTests : IDisposable
{
    private static readonly DateTime Time = new DateTime(2020, 5, 5, 5, 5, 5, DateTimeKind.Utc).AddTicks(1_234_567);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_C_library_without_statx_gives_the_same_attributes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "statx is a call of Linux.");
        string path = _folder.File("f", "content", Time);
        using FolderHandle folder = FileSystem.Current.OpenFolder(_folder.FullPath, out _)!;
        using SafeFileHandle file = folder.OpenRead("f", out _)!;
        (FileStat, FileStat, FileStat, int) byLibrary = Read();
        FileStat.StatxIsMissing = true;
        try
        {
            Assert.Equal(byLibrary, Read());
        }
        finally
        {
            FileStat.StatxIsMissing = false;
        }

        (FileStat, FileStat, FileStat, int) Read()
        {
            Assert.True(FileStat.TryRead(path, followLinks: false, out FileStat byPath, out _));
            Assert.True(folder.TryStat("f", out FileStat byName, out _));
            Assert.False(folder.TryStat("missing", out _, out int error));
            return (byPath, byName, FileStat.Of(file, path), error);
        }
    }

    [Fact]
    public void A_file_system_without_a_size_is_not_full()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("", "ramfs");
        using var tree = new DestinationTree(disk.FullPath, new DestinationOptions());
        tree.Reserve(Entry("f", 1L << 50), default);
        Assert.Null(tree.Space.FreeBytes);
        Assert.Null(tree.Space.Objection());
    }

    [Fact]
    public void Space_is_counted_where_each_file_goes()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("size=256k");
        _folder.Folder("d");
        using var tree = new DestinationTree(_folder.FullPath, new DestinationOptions());
        Shell.Run("mount", "--bind", disk.FullPath, _folder["d"]);
        try
        {
            tree.Reserve(Entry("large", 10 << 20), default);
            Assert.Null(tree.Space.Objection());
            tree.Reserve(Entry("d/new/large", 1 << 20), default);
            P2PException objection = tree.Space.Objection()!;
            Assert.Equal(P2PErrorCode.InsufficientSpace, objection.Code);
            Assert.Contains("1,048,576 bytes", objection.Message, StringComparison.Ordinal);
        }
        finally
        {
            Shell.Run("umount", "-l", _folder["d"]);
        }
    }

    [Fact]
    public void A_file_with_holes_needs_the_bytes_that_it_takes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Makes a hole with truncate.");
        using SmallDisk disk = SmallDisk.MountOrSkip("size=256k");
        Shell.Run("truncate", "-s", "100M", _folder["image"]);
        ManifestEntry entry = SourceScanner.Scan(new SourceSelection { Paths = [_folder["image"]] }, CancellationToken.None).Entries.Single().Entry;
        Assert.Equal((100L << 20, 0L), (entry.Length, entry.Allocated));
        using var tree = new DestinationTree(disk.FullPath, new DestinationOptions());
        tree.Reserve(entry, default);
        Assert.Null(tree.Space.Objection());
        Assert.Contains("104,857,600 bytes", Assert.Single(tree.Space.Doubts()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_its_owner_may_not_search_can_get_a_mode_and_a_time()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Acts as another user of this machine.");
        var time = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        string path = _folder.Folder("d");
        Shell.Run("chmod", "755", _folder.FullPath);
        Shell.Run("chown", "65534", path);
        TemporaryFolder.SetMode(path, 0x180);
        using FolderHandle folder = FileSystem.Current.OpenFolder(path, out _)!;
        _ = setfsuid(65534); // of this thread alone
        try
        {
            Assert.Equal((0, 0), (folder.SetModified(time), folder.SetMode(FileSystem.OwnerAll)));
        }
        finally
        {
            _ = setfsuid(0);
        }

        Assert.Equal((time, 0x1C0), (Directory.GetLastWriteTimeUtc(path), TemporaryFolder.Mode(path)));
    }

    [Fact]
    public void A_length_that_the_system_refuses_is_told_in_words_and_without_the_name_of_a_parameter()
    {
        string message = FileErrors.Write("Writing", "/d/f", new ArgumentOutOfRangeException("value", "Specified file length was too large.")).Message;
        Assert.Contains("larger than the file system or this process may write", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_sets_a_time_through_a_handle_that_may_write()
    {
        _folder.File("f", "1234");
        using var folder = new LibraryFolder(_folder.FullPath);
        using SafeFileHandle? file = folder.OpenAttributes("f", out int error);
        Assert.Equal(0, error);
        RandomAccess.Write(file!, "x"u8, 0); // Windows lets no other handle set a time
    }

    [Fact]
    public void A_time_that_the_file_system_rounds_does_not_copy_the_file_again()
    {
        using LoopDisk disk = LoopDisk.MountOrSkip("mkfs.vfat", "vfat");
        ManifestEntry entry = Entry("f", 4);
        Write(disk.FullPath, entry);
        Assert.NotEqual(Time, File.GetLastWriteTimeUtc(Path.Combine(disk.FullPath, "f")));
        using var tree = new DestinationTree(disk.FullPath, new DestinationOptions());
        Assert.Equal(DecisionKind.Unchanged, tree.Decide(entry).Kind);
        tree.BeginRound();
        Assert.Equal(DecisionKind.Want, tree.Decide(entry with { Modified = Time.AddSeconds(2) }).Kind);
        Assert.Single(Directory.GetFileSystemEntries(disk.FullPath));
    }

    [Fact]
    public void A_partial_is_continued_where_the_file_system_has_no_owners_and_modes()
    {
        using LoopDisk disk = LoopDisk.MountOrSkip("mkfs.vfat", "vfat", "uid=1234,umask=000");
        using var tree = new DestinationTree(disk.FullPath, new DestinationOptions());
        using (IncomingFile file = tree.OpenIncoming(Entry("f", 4), resume: false))
        {
            file.Write(0, "12"u8);
            file.Abandon(keepPartial: true);
        }

        Assert.Equal(2, tree.Decide(Entry("f", 4)).PartialLength);
        using IncomingFile again = tree.OpenIncoming(Entry("f", 4), resume: true);
        Assert.Equal(2, again.InitialLength);
    }

    [Fact]
    public void Two_spellings_of_a_name_are_noticed_on_a_folder_that_folds_case_below_one_that_does_not()
    {
        using LoopDisk disk = LoopDisk.MountOrSkip("mkfs.vfat", "vfat");
        _folder.Folder("d");
        Shell.Run("mount", "--bind", disk.FullPath, _folder["d"]);
        try
        {
            using var tree = new DestinationTree(_folder.FullPath, new DestinationOptions());
            Assert.Equal(DecisionKind.Want, tree.Decide(Entry("f", 1)).Kind);
            Assert.Equal(DecisionKind.Want, tree.Decide(Entry("F", 1)).Kind);
            Assert.Equal(DecisionKind.Want, tree.Decide(Entry("d/2024/f", 1)).Kind);
            Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("d/2024/F", 1)).Code);
            Assert.Empty(Directory.GetFileSystemEntries(disk.FullPath));
        }
        finally
        {
            Shell.Run("umount", "-l", _folder["d"]);
        }
    }

    private static void Write(string folder, ManifestEntry entry)
    {
        using var tree = new DestinationTree(folder, new DestinationOptions());
        using IncomingFile file = tree.OpenIncoming(entry, resume: false);
        file.Write(0, "1234"u8);
        file.Commit(entry, 4);
    }

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);

    private static ManifestEntry Entry(string name, long length) => new(name, EntryKind.File, length, Time, 0x1A4);

    /// <summary>A file system in a file, of a format that cannot live in memory.</summary>
    private sealed class LoopDisk : IDisposable
    {
        private readonly TemporaryFolder _place = new();

        public string FullPath => _place["mounted"];

        public static LoopDisk MountOrSkip(string makeProgram, string format, string options = "rw")
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Mounting a file system needs root on Linux.");
            var disk = new LoopDisk();
            disk._place.Folder("mounted");
            Shell.Run("truncate", "-s", "16M", disk._place["image"]);
            string? why = TryRun(makeProgram, disk._place["image"])
                ?? TryRun("mount", "-o", "loop," + options, "-t", format, disk._place["image"], disk.FullPath);
            if (why is null)
                return disk;
            disk._place.Dispose();
            Assert.Skip($"No {format} here: {why}");
            return disk;
        }

        public void Dispose()
        {
            Shell.Run("umount", "-l", FullPath);
            _place.Dispose();
        }

        private static string? TryRun(string program, params string[] arguments)
        {
            try
            {
                (int status, _, string errors) = Shell.TryRun(program, arguments);
                return status == 0 ? null : errors.Trim();
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                return e.Message;
            }
        }
    }
}
