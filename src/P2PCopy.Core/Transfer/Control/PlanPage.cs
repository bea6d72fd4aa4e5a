using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>How the wanted entries below <see cref="UpTo"/> travel.</summary>
internal sealed record PlanPage : ControlMessage
{
    public const string Name = "plan";

    public override string Type => Name;

    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    /// <summary>Entries below this number are planned.</summary>
    public required long UpTo { get; init; }

    /// <summary>The plans. An entry without a plan is sent whole.</summary>
    public required PlannedEntry[] Items { get; init; }

    public static PlanPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Page = message.Number("page"u8, WireLimits.Pages),
        Last = message.Flag("last"u8),
        UpTo = message.Number("upTo"u8, WireLimits.Entries),
        Items = message.List("items"u8, PlannedEntry.Read),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.Page(Round, Page, Last);
        json.WriteNumber("upTo"u8, UpTo);
        json.List("items"u8, Items, (item, writer) => item.Write(writer));
    }
}
