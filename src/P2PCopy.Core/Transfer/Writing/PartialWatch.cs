using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// Notices that another program writes to a partial file: its times then change between two writes of this transfer. They may
/// also change without a write, so the content decides. Two writes within the resolution of the times, a few milliseconds, look
/// like one. Not safe for several threads.
/// </summary>
/// <param name="file">The open partial file.</param>
/// <param name="path">The destination, for messages.</param>
internal sealed class PartialWatch(SafeFileHandle file, string path)
{
    private const int BufferLength = 1 << 20;

    private FileStat _last = FileErrors.StatOf(file, path);

    /// <summary>Whether the times changed outside of the writes of this transfer.</summary>
    public bool WasTouched { get; private set; }

    /// <summary>This transfer is about to write, or has written its last bytes.</summary>
    public void Before() => WasTouched |= !FileErrors.StatOf(file, path).IsUnchangedSince(_last);

    /// <summary>This transfer has written.</summary>
    public void After() => _last = FileErrors.StatOf(file, path);

    /// <summary>Compares the content with a digest.</summary>
    /// <exception cref="P2PException">Another program changed the content, or it cannot be read.</exception>
    public void CheckContent(ReadOnlySpan<byte> digest, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            int read;
            for (long offset = 0; (read = FileContent.Read(file, buffer, offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Write("Reading", path, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(digest))
            throw FileErrors.Meddled(path);
    }
}
