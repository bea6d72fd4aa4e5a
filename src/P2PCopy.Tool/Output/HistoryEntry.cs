using System.Buffers;
using System.Text.Json;

namespace P2PCopy.Tool.Output;

/// <summary>One transfer of the history.</summary>
/// <param name="Time">When it ended.</param>
/// <param name="Role">The role of this side.</param>
/// <param name="Names">The first names of the offer, without what is below them.</param>
/// <param name="Destination">On the receiver: the folder; null if nothing was written.</param>
/// <param name="Files">Files and links of the offer.</param>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Result"><c>Succeeded</c>, <c>Incomplete</c>, or the code of the error that ended it.</param>
internal sealed record HistoryEntry(
    DateTimeOffset Time, PeerRole Role, IReadOnlyList<string> Names, string? Destination, int Files, long Bytes, double Seconds, string Result)
{
    public byte[] ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", Time);
            json.WriteString("role", Role == PeerRole.Send ? "send" : "receive");
            json.WriteStartArray("names");
            foreach (string name in Names)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteString("destination", Destination);
            json.WriteNumber("files", Files);
            json.WriteNumber("bytes", Bytes);
            json.WriteNumber("seconds", Math.Round(Seconds, 3));
            json.WriteString("result", Result);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    public static HistoryEntry? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement e = document.RootElement;
            return new HistoryEntry(
                e.GetProperty("time").GetDateTimeOffset(), e.GetProperty("role").GetString() == "send" ? PeerRole.Send : PeerRole.Receive,
                [.. e.GetProperty("names").EnumerateArray().Select(n => n.GetString() ?? string.Empty)], e.GetProperty("destination").GetString(),
                e.GetProperty("files").GetInt32(), e.GetProperty("bytes").GetInt64(), e.GetProperty("seconds").GetDouble(), e.GetProperty("result").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
