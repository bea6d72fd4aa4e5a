using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;

namespace P2PCopy.Files.Delta;

/// <summary>The blocks of the receiver's existing file, by digest. Its memory is limited to about 40 MiB.</summary>
internal sealed class BlockIndex
{
    private const int MostIndexed = 1 << 19;

    private readonly Dictionary<UInt128, int> _firstWith = [];
    private readonly List<UInt128> _digests = [];
    private readonly List<long> _starts = [0];
    private int _previous = -1;

    /// <summary>Reads a file. Blocks beyond the limit are not indexed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">Its bytes; it may be shorter by now.</param>
    /// <param name="parameters">The size of the blocks, from the offered length.</param>
    /// <param name="key">The key of the digests.</param>
    /// <param name="whole">Gets the content of the whole file, if it is given.</param>
    /// <param name="progress">Gets the number of bytes done.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BlockIndex Of(
        SafeFileHandle file, long length, BlockParameters parameters, ReadOnlySpan<byte> key, IncrementalHash? whole, Action<long>? progress, CancellationToken cancellationToken)
    {
        var index = new BlockIndex();
        using var splitter = new BlockSplitter(parameters, key, length, index.Add);
        IFileScanner[] scanners = whole is null ? [splitter] : [splitter, new WholeFileScanner(whole)];
        FileScan.Run((offset, buffer) => FileContent.Read(file, buffer, offset), length, scanners, progress, cancellationToken);
        return index;
    }

    /// <summary>Finds the place of a block.</summary>
    public bool TryFind(int length, UInt128 digest, out long offset)
    {
        // The block after the last match comes first, so that repetitive content becomes one long copy.
        int found = _previous + 1 < _digests.Count && _digests[_previous + 1] == digest
            ? _previous + 1
            : _firstWith.GetValueOrDefault(digest, -1);
        offset = 0;
        if (found < 0 || _starts[found + 1] - _starts[found] != length)
            return false;
        _previous = found;
        offset = _starts[found];
        return true;
    }

    private void Add(int length, UInt128 digest)
    {
        if (_digests.Count == MostIndexed)
            return;
        _firstWith.TryAdd(digest, _digests.Count);
        _digests.Add(digest);
        _starts.Add(_starts[^1] + length);
    }
}
