using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>
/// Reads the members of a control message (protocol.md §7). What is missing, or of another kind, or a number too large
/// is a <see cref="JsonException"/>, <see cref="InvalidOperationException"/> or <see cref="FormatException"/>.
/// </summary>
internal static class ControlReader
{
    public static ControlMessage Read(JsonElement message) => NeededText(message, "type"u8) switch
    {
        "settings" => new SettingsMessage
        {
            Codecs = List(message, "codecs"u8, codec => codec.GetString() ?? throw new JsonException("A codec is null.")),
            Window = Number(message, "window"u8),
            ChunkSize = Optional(message, "chunkSize"u8) is { } size ? size.GetInt32() : 0,
            Hash = Flag(message, "hash"u8),
            Name = Text(message, "name"u8),
        },
        "offer" => new OfferPage
        {
            Round = Small(message, "round"u8),
            Page = Small(message, "page"u8),
            Last = NeededFlag(message, "last"u8),
            Entries = List(message, "entries"u8, Entry),
        },
        "blocks" => new BlocksPage
        {
            Round = Small(message, "round"u8),
            Index = Number(message, "i"u8),
            Partial = NeededFlag(message, "partial"u8),
            Data = Needed(message, "data"u8).GetBytesFromBase64(),
        },
        "answer" => new AnswerPage
        {
            Round = Small(message, "round"u8),
            Page = Small(message, "page"u8),
            Last = NeededFlag(message, "last"u8),
            UpTo = Number(message, "upTo"u8),
            Entries = List(message, "entries"u8, Answer),
        },
        "plan" => new PlanPage
        {
            Round = Small(message, "round"u8),
            Page = Small(message, "page"u8),
            Last = NeededFlag(message, "last"u8),
            UpTo = Number(message, "upTo"u8),
            Items = List(message, "items"u8, Plan),
        },
        "void" => new VoidMessage { First = Number(message, "first"u8), Count = Number(message, "count"u8) },
        "streams" => new StreamsMessage { Count = Small(message, "count"u8) },
        "results" => new ResultsPage
        {
            Round = Small(message, "round"u8),
            Last = NeededFlag(message, "last"u8),
            Good = Numbers(Needed(message, "good"u8)),
            Failed = List(message, "failed"u8, Failure),
        },
        "end" => new EndMessage { Confirmed = Number(message, "confirmed"u8) },
        "receipt" => new ReceiptMessage { Confirmed = Number(message, "confirmed"u8) },
        "bye" => new ByeMessage(),
        _ => throw new JsonException("The type of a message is unknown."),
    };

    private static OfferedEntry Entry(JsonElement entry) => new()
    {
        Name = NeededText(entry, "n"u8),
        Kind = Optional(entry, "k"u8) is { } kind ? kind.GetInt32() : 0,
        Length = Optional(entry, "s"u8) is { } length ? length.GetInt64() : 0,
        Modified = Optional(entry, "t"u8) is { } time ? time.GetInt64() : 0,
        Mode = Optional(entry, "m"u8) is { ValueKind: not JsonValueKind.Null } mode ? mode.GetInt32() : null,
        ReadOnly = Flag(entry, "r"u8),
        LinkTarget = Text(entry, "l"u8),
    };

    private static AnsweredEntry Answer(JsonElement entry) => new()
    {
        Index = Number(entry, "i"u8),
        Answer = Text(entry, "a"u8),
        Code = Text(entry, "c"u8),
        Message = Text(entry, "x"u8),
    };

    private static PlannedEntry Plan(JsonElement entry) => new()
    {
        Index = Number(entry, "i"u8),
        Unchanged = Flag(entry, "u"u8),
        Keep = OptionalNumbers(entry, "k"u8),
        Copy = OptionalNumbers(entry, "c"u8),
        Send = OptionalNumbers(entry, "s"u8),
    };

    private static FailedEntry Failure(JsonElement entry) => new()
    {
        Index = Number(entry, "i"u8),
        Code = NeededText(entry, "c"u8),
        Message = NeededText(entry, "x"u8),
    };

    private static JsonElement? Optional(JsonElement owner, ReadOnlySpan<byte> name)
        => owner.TryGetProperty(name, out JsonElement value) ? value : null;

    private static JsonElement Needed(JsonElement owner, ReadOnlySpan<byte> name)
        => Optional(owner, name) ?? throw new JsonException("A member of a message is missing.");

    private static long Number(JsonElement owner, ReadOnlySpan<byte> name) => Needed(owner, name).GetInt64();

    private static int Small(JsonElement owner, ReadOnlySpan<byte> name) => Needed(owner, name).GetInt32();

    private static bool NeededFlag(JsonElement owner, ReadOnlySpan<byte> name) => Needed(owner, name).GetBoolean();

    private static bool Flag(JsonElement owner, ReadOnlySpan<byte> name) => Optional(owner, name)?.GetBoolean() ?? false;

    private static string? Text(JsonElement owner, ReadOnlySpan<byte> name) => Optional(owner, name)?.GetString();

    private static string NeededText(JsonElement owner, ReadOnlySpan<byte> name)
        => Needed(owner, name).GetString() ?? throw new JsonException("A member of a message is null.");

    private static long[]? OptionalNumbers(JsonElement owner, ReadOnlySpan<byte> name)
        => Optional(owner, name) is { ValueKind: not JsonValueKind.Null } numbers ? Numbers(numbers) : null;

    private static long[] Numbers(JsonElement numbers)
    {
        long[] all = new long[numbers.GetArrayLength()];
        int count = 0;
        foreach (JsonElement number in numbers.EnumerateArray())
            all[count++] = number.GetInt64();
        return all;
    }

    private static T[] List<T>(JsonElement owner, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
        where T : class
    {
        JsonElement list = Needed(owner, name);
        T[] all = new T[list.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in list.EnumerateArray())
            all[count++] = read(item);
        return all;
    }
}
