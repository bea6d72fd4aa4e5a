using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Delta;

/// <summary>
/// Compares the blocks of a list with the same ranges of the receiver's partial file. While it does, a second task computes
/// the SHA-256 of the file as far as the partial file is its beginning, so that the rest can continue from there.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class PartialBlocks : IAsyncDisposable
{
    private const int BufferLength = 1 << 20;
    private const long PrefixStep = 8 << 20;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly BlockDigest _digest;
    private readonly IncrementalHash? _prefix;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private readonly byte[] _prefixBuffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private long _prefixEnd;
    private long _prefixHashed;
    private Task _prefixHashing = Task.CompletedTask;

    /// <param name="file">The partial file, which this object closes.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="key">The key of the digests.</param>
    /// <param name="prefix">Gets the beginning of the file; null without hash.</param>
    public PartialBlocks(SafeFileHandle file, long length, ReadOnlySpan<byte> key, IncrementalHash? prefix)
    {
        _file = file;
        _length = length;
        _digest = new BlockDigest(key);
        _prefix = prefix;
    }

    /// <summary>True if the partial file has this block at this offset.</summary>
    /// <exception cref="IOException">The partial file cannot be read.</exception>
    public bool Has(long offset, int length, UInt128 digest)
    {
        if (length > _length - offset)
            return false;
        if (Digest(offset, length) != digest)
            return false;
        if (offset == _prefixEnd)
            ExtendPrefix(length);
        return true;
    }

    /// <summary>Completes the SHA-256 of the beginning.</summary>
    /// <returns>Bytes of the beginning.</returns>
    /// <exception cref="IOException">The partial file cannot be read.</exception>
    public async Task<long> CompletePrefixAsync()
    {
        await _prefixHashing.ConfigureAwait(false);
        await Work.Run(() => HashPrefix(_prefixEnd)).ConfigureAwait(false);
        return _prefixHashed;
    }

    public async ValueTask DisposeAsync()
    {
        await _prefixHashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _file.Dispose();
        _digest.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        ArrayPool<byte>.Shared.Return(_prefixBuffer);
    }

    private UInt128 Digest(long offset, int length)
    {
        try
        {
            for (long end = offset + length, at = offset; at < end;)
            {
                int read = FileContent.Read(_file, _buffer.AsSpan(0, (int)Math.Min(BufferLength, end - at)), at);
                if (read == 0)
                    break;
                _digest.Append(_buffer.AsSpan(0, read));
                at += read;
            }
        }
        catch
        {
            _digest.Finish(); // the next block begins anew
            throw;
        }

        return _digest.Finish();
    }

    private void ExtendPrefix(int length)
    {
        _prefixEnd += length;
        if (_prefix is null || _prefixEnd - _prefixHashed < PrefixStep || !_prefixHashing.IsCompletedSuccessfully)
            return;
        long end = _prefixEnd;
        _prefixHashing = Work.Run(() => HashPrefix(end));
    }

    private void HashPrefix(long end)
    {
        while (_prefix is not null && _prefixHashed < end)
        {
            int read = FileContent.Read(_file, _prefixBuffer.AsSpan(0, (int)Math.Min(BufferLength, end - _prefixHashed)), _prefixHashed);
            if (read == 0)
                throw new EndOfStreamException("The partial file became shorter.");
            _prefix.AppendData(_prefixBuffer.AsSpan(0, read));
            _prefixHashed += read;
        }
    }
}
