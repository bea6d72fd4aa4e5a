using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The receiver's answers to the entries below <see cref="UpTo"/> that no earlier page has answered.</summary>
internal sealed record AnswerPage : ControlMessage
{
    public const string Name = "answer";

    public override string Type => Name;

    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    /// <summary>Entries below this number are answered.</summary>
    public required long UpTo { get; init; }

    /// <summary>The answers. An entry without an answer is wanted whole.</summary>
    public required AnsweredEntry[] Entries { get; init; }

    public static AnswerPage Read(JsonElement message) => new()
    {
        Round = message.Round(),
        Page = message.Number("page"u8, WireLimits.Pages),
        Last = message.Flag("last"u8),
        UpTo = message.Number("upTo"u8, WireLimits.Entries),
        Entries = message.List("entries"u8, AnsweredEntry.Read),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.Page(Round, Page, Last);
        json.WriteNumber("upTo"u8, UpTo);
        json.List("entries"u8, Entries, (entry, writer) => entry.Write(writer));
    }
}
