using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>A part of the list of entries that the sender offers in a round.</summary>
internal sealed record OfferPage : ControlMessage
{
    public const string Name = "offer";

    public override string Type => Name;

    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    public required OfferedEntry[] Entries { get; init; }

    /// <summary>Names that the sender selected and could not read.</summary>
    public string[] Unread { get; init; } = [];

    public static OfferPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Page = message.Number("page"u8, WireLimits.Pages),
        Last = message.Flag("last"u8),
        Entries = message.List("entries"u8, OfferedEntry.Read),
        Unread = message.TextsOrNone("unread"u8),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.Page(Round, Page, Last);
        json.List("entries"u8, Entries, (entry, writer) => entry.Write(writer));
        json.TextsIfAny("unread"u8, Unread);
    }
}
