using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Files.Source;

namespace P2PCopy.Files.Delta;

/// <summary>
/// Cuts a file into blocks as its bytes come and gives each block's digest. Content-defined cuts follow FastCDC
/// (Xia et al., USENIX ATC 2016): a gear hash of the last 64 bytes, no cut before a quarter of the size, a harder
/// condition before the size and an easier one after it, a cut at four times the size whatever the content.
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
    private long _total;

    /// <summary>Prepares for one file.</summary>
    /// <param name="parameters">Where blocks end.</param>
    /// <param name="key">The key of the digests.</param>
    /// <param name="onBlock">Told length and digest of every block, in order.</param>
    /// <param name="end">Bytes to look at; what comes after them is of no interest.</param>
    public BlockSplitter(BlockParameters parameters, ReadOnlySpan<byte> key, Action<int, UInt128> onBlock, long end = long.MaxValue)
    {
        _parameters = parameters;
        _digest = new BlockDigest(key);
        _onBlock = onBlock;
        _lastCut = end;
        _hardMask = Mask(parameters.SizeLog2 + 2);
        _easyMask = Mask(parameters.SizeLog2 - 2);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        long left = _lastCut - _total;
        bool ends = left <= bytes.Length;
        if (ends) bytes = bytes[..(int)Math.Max(left, 0)];
        _total += bytes.Length;
        while (!bytes.IsEmpty)
        {
            bool cut = _parameters.Rule == BlockRule.Fixed ? FixedCut(bytes, out int length) : ContentCut(bytes, out length);
            if (cut) Cut(bytes[..length], length);
            else Grow(bytes[..length]);
            bytes = bytes[length..];
        }

        if (ends) Complete();
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_inBlock > 0) Cut(default, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    private void Cut(ReadOnlySpan<byte> last, int length)
    {
        int total = _inBlock + length;
        _inBlock = 0;
        _hash = 0;
        _onBlock(total, _digest.Finish(last));
    }

    private void Grow(ReadOnlySpan<byte> bytes)
    {
        _digest.Append(bytes);
        _inBlock += bytes.Length;
    }

    private bool FixedCut(ReadOnlySpan<byte> bytes, out int length)
    {
        length = Math.Min(bytes.Length, _parameters.Size - _inBlock);
        return _inBlock + length == _parameters.Size;
    }

    // Looks for the end of the block in these bytes; the state lets a block span any number of calls.
    private bool ContentCut(ReadOnlySpan<byte> bytes, out int length)
    {
        int at = Math.Max(0, _parameters.Least - _inBlock);
        int toSize = Math.Min(bytes.Length, _parameters.Size - _inBlock);
        if (at < toSize && Find(bytes, ref at, toSize, _hardMask))
        {
            length = at;
            return true;
        }

        int toMost = Math.Min(bytes.Length, _parameters.Most - _inBlock);
        if (at < toMost && Find(bytes, ref at, toMost, _easyMask))
        {
            length = at;
            return true;
        }

        length = toMost;
        return _inBlock + toMost == _parameters.Most;
    }

    private unsafe bool Find(ReadOnlySpan<byte> bytes, ref int at, int end, ulong mask)
    {
        ulong hash = _hash;
        int i = at;
        fixed (ulong* gear = Gear)
        fixed (byte* source = bytes)
        {
            // Two bytes a turn: the chain of dependent steps is what limits the speed.
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
