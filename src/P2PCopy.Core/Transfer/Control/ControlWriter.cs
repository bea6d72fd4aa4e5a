using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The members of a control message (protocol.md §7). What has its default is left out.</summary>
internal static class ControlWriter
{
    public static void Write(Utf8JsonWriter json, ControlMessage message)
    {
        switch (message)
        {
            case SettingsMessage settings:
                json.WriteString("type"u8, "settings"u8);
                json.WriteStartArray("codecs"u8);
                foreach (string codec in settings.Codecs)
                    json.WriteStringValue(codec);
                json.WriteEndArray();
                json.WriteNumber("window"u8, settings.Window);
                Number(json, "chunkSize"u8, settings.ChunkSize);
                json.WriteBoolean("hash"u8, settings.Hash);
                Text(json, "name"u8, settings.Name);
                break;
            case OfferPage offer:
                json.WriteString("type"u8, "offer"u8);
                Page(json, offer.Round, offer.Page, offer.Last);
                List(json, "entries"u8, offer.Entries, Entry);
                break;
            case BlocksPage blocks:
                json.WriteString("type"u8, "blocks"u8);
                json.WriteNumber("round"u8, blocks.Round);
                json.WriteNumber("i"u8, blocks.Index);
                json.WriteBoolean("partial"u8, blocks.Partial);
                json.WriteBase64String("data"u8, blocks.Data);
                break;
            case AnswerPage answer:
                json.WriteString("type"u8, "answer"u8);
                Page(json, answer.Round, answer.Page, answer.Last);
                json.WriteNumber("upTo"u8, answer.UpTo);
                List(json, "entries"u8, answer.Entries, Answer);
                break;
            case PlanPage plan:
                json.WriteString("type"u8, "plan"u8);
                Page(json, plan.Round, plan.Page, plan.Last);
                json.WriteNumber("upTo"u8, plan.UpTo);
                List(json, "items"u8, plan.Items, Plan);
                break;
            case VoidMessage chunks:
                json.WriteString("type"u8, "void"u8);
                json.WriteNumber("first"u8, chunks.First);
                json.WriteNumber("count"u8, chunks.Count);
                break;
            case StreamsMessage streams:
                json.WriteString("type"u8, "streams"u8);
                json.WriteNumber("count"u8, streams.Count);
                break;
            case ResultsPage results:
                json.WriteString("type"u8, "results"u8);
                json.WriteNumber("round"u8, results.Round);
                json.WriteBoolean("last"u8, results.Last);
                Numbers(json, "good"u8, results.Good);
                List(json, "failed"u8, results.Failed, Failure);
                break;
            case EndMessage end:
                json.WriteString("type"u8, "end"u8);
                json.WriteNumber("confirmed"u8, end.Confirmed);
                break;
            case ReceiptMessage receipt:
                json.WriteString("type"u8, "receipt"u8);
                json.WriteNumber("confirmed"u8, receipt.Confirmed);
                break;
            case ByeMessage:
                json.WriteString("type"u8, "bye"u8);
                break;
            default:
                throw new InvalidOperationException($"{message.GetType().Name} has no form on the wire.");
        }
    }

    // Short names, since there may be a million.
    private static void Entry(Utf8JsonWriter json, OfferedEntry entry)
    {
        json.WriteString("n"u8, entry.Name);
        Number(json, "k"u8, entry.Kind);
        Number(json, "s"u8, entry.Length);
        json.WriteNumber("t"u8, entry.Modified);
        if (entry.Mode is { } mode)
            json.WriteNumber("m"u8, mode);
        Flag(json, "r"u8, entry.ReadOnly);
        Text(json, "l"u8, entry.LinkTarget);
    }

    private static void Answer(Utf8JsonWriter json, AnsweredEntry entry)
    {
        json.WriteNumber("i"u8, entry.Index);
        Text(json, "a"u8, entry.Answer);
        Text(json, "c"u8, entry.Code);
        Text(json, "x"u8, entry.Message);
    }

    private static void Plan(Utf8JsonWriter json, PlannedEntry entry)
    {
        json.WriteNumber("i"u8, entry.Index);
        Flag(json, "u"u8, entry.Unchanged);
        Numbers(json, "k"u8, entry.Keep);
        Numbers(json, "c"u8, entry.Copy);
        Numbers(json, "s"u8, entry.Send);
    }

    private static void Failure(Utf8JsonWriter json, FailedEntry entry)
    {
        json.WriteNumber("i"u8, entry.Index);
        json.WriteString("c"u8, entry.Code);
        json.WriteString("x"u8, entry.Message);
    }

    private static void Page(Utf8JsonWriter json, int round, int page, bool last)
    {
        json.WriteNumber("round"u8, round);
        json.WriteNumber("page"u8, page);
        json.WriteBoolean("last"u8, last);
    }

    private static void List<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, T[] items, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, ReadOnlySpan<byte> name, long[]? numbers)
    {
        if (numbers is null)
            return;
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long number)
    {
        if (number != 0)
            json.WriteNumber(name, number);
    }

    private static void Flag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool flag)
    {
        if (flag)
            json.WriteBoolean(name, flag);
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
