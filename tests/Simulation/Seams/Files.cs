using Microsoft.Win32.SafeHandles;
using P2PCopy.Simulation.Disk;
using P2PCopy.Simulation.World;

namespace P2PCopy.Files.Platform;

/// <summary>The file system of the simulated machines.</summary>
internal static class ThisSystem
{
    public static FileSystem Files => Universe.Current.Files;
}

/// <summary>The content of open files on the simulated disk.</summary>
internal static class FileContent
{
    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset) => Universe.Current.Disk.Read(file, buffer, offset);

    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset) => Universe.Current.Disk.Write(file, data, offset);

    public static void SetLength(SafeFileHandle file, long length) => Universe.Current.Disk.SetLength(file, length);

    public static void FlushToDisk(SafeFileHandle file) => Universe.Current.Disk.Flush(file);
}

internal readonly partial record struct FileStat
{
    public static bool TryRead(string path, bool followLinks, out FileStat stat, out int error)
    {
        MemoryDisk disk = Universe.Current.Disk;
        error = disk.Enter("stat", path);
        Node? node = error == 0 ? disk.Find(path, followLinks, out error) : null;
        stat = node?.Stat() ?? default;
        return node is not null;
    }

    public static FileStat Of(SafeFileHandle file, string path) => Universe.Current.Disk.NodeOf(file, "fstat").Stat();
}
