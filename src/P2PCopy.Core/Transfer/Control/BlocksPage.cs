using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>A part of the list of blocks that the receiver has of an entry's file. All parts come before the answer to the entry.</summary>
internal sealed record BlocksPage : ControlMessage
{
    public const string Name = "blocks";

    public override string Type => Name;

    public required int Round { get; init; }

    public required long Index { get; init; }

    /// <summary>True for the partial of an earlier run, false for the existing file.</summary>
    public required bool Partial { get; init; }

    /// <summary>The next bytes of the encoded list.</summary>
    public required byte[] Data { get; init; }

    public static BlocksPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Index = message.Index(),
        Partial = message.Flag("partial"u8),
        Data = message.Member("data"u8).GetBytesFromBase64(),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("round"u8, Round);
        json.WriteNumber("i"u8, Index);
        json.WriteBoolean("partial"u8, Partial);
        json.WriteBase64String("data"u8, Data);
    }
}
