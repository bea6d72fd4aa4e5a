using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>The content of open files. The engine reads and writes no file elsewhere, so that a simulation is the disk.</summary>
internal static class FileContent
{
    /// <inheritdoc cref="RandomAccess.Read(SafeFileHandle, Span{byte}, long)"/>
    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset) => RandomAccess.Read(file, buffer, offset);

    /// <inheritdoc cref="RandomAccess.Write(SafeFileHandle, ReadOnlySpan{byte}, long)"/>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset) => RandomAccess.Write(file, data, offset);

    /// <inheritdoc cref="RandomAccess.SetLength(SafeFileHandle, long)"/>
    public static void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <inheritdoc cref="RandomAccess.FlushToDisk(SafeFileHandle)"/>
    public static void FlushToDisk(SafeFileHandle file) => RandomAccess.FlushToDisk(file);
}
