using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Source;

namespace P2PCopy.Files.Delta;

/// <summary>Makes the block list of a file that a receiver has.</summary>
internal static class BlockHasher
{
    /// <summary>Hashes the blocks of an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">Bytes to look at; fewer if the file ends before.</param>
    /// <param name="parameters">
    /// <see cref="BlockRule.Fixed"/> for a partial, <see cref="BlockRule.ContentDefined"/> for an existing destination.
    /// </param>
    /// <param name="key">The session's key of block digests, <see cref="BlockDigest.KeyLength"/> bytes.</param>
    /// <param name="wholeFile">Fed in the same pass; null if nobody needs it.</param>
    /// <param name="progress">Told bytes done, on the calling thread.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BlockList Hash(
        SafeFileHandle file,
        long length,
        BlockParameters parameters,
        ReadOnlySpan<byte> key,
        IncrementalHash? wholeFile,
        Action<long>? progress,
        CancellationToken cancellationToken)
    {
        BlockList list = BlockList.Empty(parameters);
        using var splitter = new BlockSplitter(parameters, key, list.Add);
        IFileScanner[] scanners = wholeFile is null ? [splitter] : [splitter, new WholeFileScanner(wholeFile)];
        FileScan.Run((offset, buffer) => RandomAccess.Read(file, buffer, offset), length, scanners, progress, cancellationToken);
        return list;
    }
}
