using System.Buffers.Binary;
using System.Text.Json;
using P2PCopy.Files.Delta;

namespace P2PCopy.Transfer.Control;

/// <summary>The sender's list of the next blocks of an entry's file. The receiver answers each page with a <see cref="FoundPage"/>.</summary>
internal sealed record BlocksPage : ControlMessage
{
    public const string Name = "blocks";

    /// <summary>Blocks in a page that this side sends, at most.</summary>
    public const int BlocksPerPage = 4096;

    private const int BlockLength = sizeof(int) + BlockDigest.Length;

    public override string Type => Name;

    public required int Round { get; init; }

    public required long Index { get; init; }

    /// <summary>Whether the list ends here. Ranges that it does not cover are sent.</summary>
    public required bool Last { get; init; }

    /// <summary>For each block its length (4 bytes) and its digest (16 bytes), big-endian.</summary>
    public required byte[] Data { get; init; }

    public int Count => Data.Length / BlockLength;

    public static BlocksPage Read(JsonElement message)
    {
        var page = new BlocksPage
        {
            Round = message.Round(),
            Index = message.Index(),
            Last = message.Flag("last"u8),
            Data = message.Member("data"u8).GetBytesFromBase64(),
        };
        return page.Data.Length % BlockLength == 0 && (page.Last || page.Data.Length > 0)
            ? page
            : throw new JsonException("A list of blocks is not whole.");
    }

    public static void Append(List<byte> data, int length, UInt128 digest)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        BinaryPrimitives.WriteInt32BigEndian(block, length);
        BinaryPrimitives.WriteUInt128BigEndian(block[sizeof(int)..], digest);
        data.AddRange(block);
    }

    public (int Length, UInt128 Digest) Block(int number)
    {
        ReadOnlySpan<byte> block = Data.AsSpan(number * BlockLength, BlockLength);
        return (BinaryPrimitives.ReadInt32BigEndian(block), BinaryPrimitives.ReadUInt128BigEndian(block[sizeof(int)..]));
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("round"u8, Round);
        json.WriteNumber("i"u8, Index);
        json.WriteBoolean("last"u8, Last);
        json.WriteBase64String("data"u8, Data);
    }
}
