using System.Buffers.Binary;

namespace P2PCopy.Files.Delta;

/// <summary>The blocks of a file that a receiver has: what a sender compares its own with.</summary>
internal sealed class BlockList
{
    private const int DigestLength = 16;
    private const int HeadLength = 1 + 1 + 8 + 4;

    // A quarter of the size is the least, so there may be four times as many, and a last one.
    private const int MostEncoded = (4 * BlockParameters.MostBlocks) + 1;

    private readonly List<int> _lengths;
    private readonly List<UInt128> _digests;

    private BlockList(BlockParameters parameters, List<int> lengths, List<UInt128> digests, long length)
    {
        Parameters = parameters;
        _lengths = lengths;
        _digests = digests;
        Length = length;
    }

    /// <summary>How it was cut.</summary>
    public BlockParameters Parameters { get; }

    /// <summary>Bytes of all blocks together.</summary>
    public long Length { get; private set; }

    /// <summary>Blocks.</summary>
    public int Count => _lengths.Count;

    /// <summary>An empty list to add to.</summary>
    public static BlockList Empty(BlockParameters parameters) => new(parameters, [], [], 0);

    /// <summary>Bytes of a block.</summary>
    public int LengthOf(int block) => _lengths[block];

    /// <summary>The digest of a block.</summary>
    public UInt128 DigestOf(int block) => _digests[block];

    /// <summary>Adds the next block.</summary>
    public void Add(int length, UInt128 digest)
    {
        _lengths.Add(length);
        _digests.Add(digest);
        Length += length;
    }

    /// <summary>
    /// For the wire: rule (1), size (1, binary logarithm), length of the file (8), number of blocks (4), then the 16-byte
    /// digests, then for content-defined blocks their lengths (3 or 4 bytes each, as the largest possible needs). All
    /// big-endian.
    /// </summary>
    public byte[] Encode()
    {
        int lengthBytes = LengthBytes(Parameters);
        byte[] bytes = new byte[HeadLength + (Count * (DigestLength + lengthBytes))];
        bytes[0] = (byte)Parameters.Rule;
        bytes[1] = (byte)Parameters.SizeLog2;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2), Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(10), Count);
        Span<byte> digests = bytes.AsSpan(HeadLength);
        Span<byte> lengths = digests[(Count * DigestLength)..];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt128BigEndian(digests[(i * DigestLength)..], _digests[i]);
            for (int j = 0; j < lengthBytes; j++) lengths[(i * lengthBytes) + j] = (byte)(_lengths[i] >> (8 * (lengthBytes - 1 - j)));
        }

        return bytes;
    }

    /// <summary>Reads what a peer encoded.</summary>
    /// <exception cref="InvalidDataException">It is not a block list, or larger than one may be.</exception>
    public static BlockList Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength) throw Bad("it is too short");
        var parameters = new BlockParameters((BlockRule)bytes[0], bytes[1]);
        long length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[10..]);
        if (!parameters.IsValid) throw Bad("its parameters are none");
        if (count is < 0 or > MostEncoded || length < 0 || length > (long)count * parameters.Most) throw Bad("its size is impossible");

        int lengthBytes = LengthBytes(parameters);
        if (bytes.Length != HeadLength + ((long)count * (DigestLength + lengthBytes))) throw Bad("its length does not fit its count");

        var list = new BlockList(parameters, new List<int>(count), new List<UInt128>(count), 0);
        ReadOnlySpan<byte> digests = bytes[HeadLength..];
        ReadOnlySpan<byte> lengths = digests[(count * DigestLength)..];
        for (int i = 0; i < count; i++)
        {
            long block = Math.Min(parameters.Size, length - list.Length);
            if (lengthBytes > 0)
            {
                block = 0;
                for (int j = 0; j < lengthBytes; j++) block = (block << 8) | lengths[(i * lengthBytes) + j];
            }

            bool tooShort = block < parameters.Least && i < count - 1;
            if (block < 1 || block > parameters.Most || tooShort) throw Bad("a block has an impossible length");
            list.Add((int)block, BinaryPrimitives.ReadUInt128BigEndian(digests[(i * DigestLength)..]));
        }

        return list.Length == length ? list : throw Bad("its blocks are not as long as the file");
    }

    private static int LengthBytes(BlockParameters parameters)
        => parameters.Rule == BlockRule.Fixed ? 0 : parameters.Most < 1 << 24 ? 3 : 4;

    private static InvalidDataException Bad(string why) => new($"A block list was refused: {why}.");
}
