using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The results of entries.</summary>
internal sealed record ResultsPage : ControlMessage
{
    public const string Name = "results";

    public override string Type => Name;

    public required int Round { get; init; }

    /// <summary>True when every entry of the round has its result.</summary>
    public required bool Last { get; init; }

    /// <summary>Entries that are written, verified and renamed: first, count, first, count, …</summary>
    public required long[] Good { get; init; }

    /// <summary>Entries that arrived while the conflict policy kept a file that appeared meanwhile: first, count, first, count, …</summary>
    public long[] Skipped { get; init; } = [];

    public required FailedEntry[] Failed { get; init; }

    public static ResultsPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Last = message.Flag("last"u8),
        Good = message.Member("good"u8).Numbers(WireLimits.Entries),
        Skipped = message.Find("skipped"u8)?.Numbers(WireLimits.Entries) ?? [],
        Failed = message.List("failed"u8, FailedEntry.Read),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("round"u8, Round);
        json.WriteBoolean("last"u8, Last);
        json.Numbers("good"u8, Good);
        if (Skipped.Length > 0)
            json.Numbers("skipped"u8, Skipped);
        json.List("failed"u8, Failed, (entry, writer) => entry.Write(writer));
    }
}
