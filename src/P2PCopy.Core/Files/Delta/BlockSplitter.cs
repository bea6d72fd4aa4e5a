using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Files.Source;

namespace P2PCopy.Files.Delta;

/// <summary>
/// Cuts a file into blocks as its bytes come and computes the digest of each block. The cuts follow FastCDC (Xia et al.,
/// USENIX ATC 2016): a gear hash of the last 64 bytes, no cut before a quarter of the size, a harder condition before the
/// size and an easier one after it, a cut at four times the size. A remainder shorter than the shortest block belongs to the
/// last block.
/// </summary>
internal sealed class BlockSplitter : IFileScanner, IDisposable
{
    private static readonly ulong[] Gear = MakeGear();

    private readonly BlockParameters _parameters;
    private readonly BlockDigest _digest;
    private readonly Action<int, UInt128> _onBlock;
    private readonly long _lastCut;
    private readonly ulong _hardMask;
    private readonly ulong _easyMask;
    private int _inBlock;
    private ulong _hash;
    private long _position;

    /// <summary>Prepares for one file.</summary>
    /// <param name="parameters">The size of the blocks.</param>
    /// <param name="key">The key of the digests.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="onBlock">Gets the length and the digest of every block, in order.</param>
    public BlockSplitter(BlockParameters parameters, ReadOnlySpan<byte> key, long length, Action<int, UInt128> onBlock)
    {
        _parameters = parameters;
        _digest = new BlockDigest(key);
        _onBlock = onBlock;
        _lastCut = length - parameters.Least;
        _hardMask = Mask(parameters.SizeLog2 + 2);
        _easyMask = Mask(parameters.SizeLog2 - 2);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bool isCut = FindCut(bytes, out int length);
            _digest.Append(bytes[..length]);
            _inBlock += length;
            _position += length;
            bytes = bytes[length..];
            if (isCut)
                Cut();
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_inBlock > 0)
            Cut();
    }

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    private void Cut()
    {
        int length = _inBlock;
        _inBlock = 0;
        _hash = 0;
        _onBlock(length, _digest.Finish());
    }

    /// <summary>Searches the end of the block in these bytes. A block may span any number of calls.</summary>
    private bool FindCut(ReadOnlySpan<byte> bytes, out int length)
    {
        int allowed = (int)Math.Clamp(_lastCut - _position, 0, bytes.Length);
        int toMost = Math.Min(allowed, _parameters.Most - _inBlock);
        if (toMost <= 0)
        {
            length = bytes.Length;
            return false;
        }

        int at = Math.Max(0, _parameters.Least - _inBlock);
        int toSize = Math.Min(allowed, _parameters.Size - _inBlock);
        if ((at < toSize && Find(bytes, ref at, toSize, _hardMask)) || (at < toMost && Find(bytes, ref at, toMost, _easyMask)))
        {
            length = at;
            return true;
        }

        bool isFull = _inBlock + toMost == _parameters.Most;
        length = isFull ? toMost : bytes.Length;
        return isFull;
    }

    private unsafe bool Find(ReadOnlySpan<byte> bytes, ref int at, int end, ulong mask)
    {
        ulong hash = _hash;
        int i = at;
        fixed (ulong* gear = Gear)
        fixed (byte* source = bytes)
        {
            // Two bytes per step, because the chain of dependent operations limits the speed.
            for (; i + 1 < end; i += 2)
            {
                ulong first = gear[source[i]];
                ulong next = (hash << 1) + first;
                hash = (hash << 2) + (first << 1) + gear[source[i + 1]];
                if ((next & mask) == 0)
                {
                    at = i + 1;
                    return true;
                }

                if ((hash & mask) == 0)
                {
                    at = i + 2;
                    return true;
                }
            }

            for (; i < end; i++)
            {
                hash = (hash << 1) + gear[source[i]];
                if ((hash & mask) == 0)
                {
                    at = i + 1;
                    return true;
                }
            }
        }

        _hash = hash;
        at = i;
        return false;
    }

    // The highest bits have seen all of the last 64 bytes.
    private static ulong Mask(int bits) => ~0UL << (64 - bits);

    // Part of the protocol: both sides must cut alike.
    private static ulong[] MakeGear()
    {
        var gear = new ulong[256];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        byte[] input = [.. "p2pcopy gear"u8, 0];
        for (int i = 0; i < gear.Length; i++)
        {
            input[^1] = (byte)i;
            SHA256.HashData(input, hash);
            gear[i] = BinaryPrimitives.ReadUInt64BigEndian(hash);
        }

        return gear;
    }
}
