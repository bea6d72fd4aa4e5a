using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>The content of open files. The engine reads and writes no file elsewhere, so that a simulation is the disk.</summary>
internal static class FileContent
{
    // The library asks for each file whether it can seek, which costs a call. It is called for its exception when the system refuses.

    /// <inheritdoc cref="RandomAccess.Read(SafeFileHandle, Span{byte}, long)"/>
    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
        => Posix.Available && Posix.Read(file, buffer, offset) is var read and >= 0 ? read : RandomAccess.Read(file, buffer, offset);

    /// <inheritdoc cref="RandomAccess.Write(SafeFileHandle, ReadOnlySpan{byte}, long)"/>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset)
    {
        if (!Posix.Available || Posix.Write(file, data, offset) != data.Length)
            RandomAccess.Write(file, data, offset);
    }

    /// <inheritdoc cref="RandomAccess.SetLength(SafeFileHandle, long)"/>
    public static void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <inheritdoc cref="RandomAccess.FlushToDisk(SafeFileHandle)"/>
    public static void FlushToDisk(SafeFileHandle file) => RandomAccess.FlushToDisk(file);
}
