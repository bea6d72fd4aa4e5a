using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The receiver's answer to a <see cref="BlocksPage"/>: which of its blocks the receiver has.</summary>
internal sealed record FoundPage : ControlMessage
{
    public const string Name = "found";

    public override string Type => Name;

    public required int Round { get; init; }

    public required long Index { get; init; }

    /// <summary>Numbers of consecutive blocks: found, not found, found, …</summary>
    public required long[] Runs { get; init; }

    /// <summary>The existing file is the new content. Nothing of the entry is in the content of the round.</summary>
    public bool Unchanged { get; init; }

    public static FoundPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Index = message.Index(),
        Runs = message.Member("runs"u8).Numbers(WireLimits.BlocksInPage),
        Unchanged = message.FlagOrFalse("u"u8),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("round"u8, Round);
        json.WriteNumber("i"u8, Index);
        json.Numbers("runs"u8, Runs);
        json.FlagIfTrue("u"u8, Unchanged);
    }
}
