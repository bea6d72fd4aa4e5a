using System.Globalization;
using System.Text;
using System.Text.Json;
using P2PCopy.Primitives;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Events;

/// <summary>Formats an event as one line of text or JSON.</summary>
internal static class LogLine
{
    /// <summary>The word for a role.</summary>
    public static string Of(PeerRole role) => role.WireName();

    public static string Format(RelayEvent happened, RelayLogFormat format)
    {
        string time = happened.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return format == RelayLogFormat.Json ? Json(happened, time) : Text(happened, time);
    }

    private static string Text(RelayEvent happened, string time)
    {
        var line = new StringBuilder(time);
        if (happened.Level != RelayEventLevel.Information)
            line.Append(CultureInfo.InvariantCulture, $" {Level(happened)}");
        line.Append(CultureInfo.InvariantCulture, $" {happened.LogName}");
        foreach ((string name, object? field) in happened.LogFields)
        {
            string value = RelayProtocol.Printable(Convert.ToString(field, CultureInfo.InvariantCulture));
            if (value.Length > 0)
                line.Append(CultureInfo.InvariantCulture, $" {name}={(value.Contains(' ', StringComparison.Ordinal) ? '"' + value.Replace('"', '\'') + '"' : value)}");
        }

        return line.ToString();
    }

    private static string Json(RelayEvent happened, string time)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{{\"time\":\"{time}\",\"level\":\"{Level(happened)}\",\"event\":\"{happened.LogName}\"");
        foreach ((string name, object? field) in happened.LogFields)
        {
            string? value = field switch
            {
                null => null,
                string text => $"\"{JsonEncodedText.Encode(text)}\"",
                _ => Convert.ToString(field, CultureInfo.InvariantCulture),
            };
            if (value is not null)
                line.Append(CultureInfo.InvariantCulture, $",\"{name}\":{value}");
        }

        return line.Append('}').ToString();
    }

    private static string Level(RelayEvent happened) => happened.Level switch
    {
        RelayEventLevel.Information => "info",
        RelayEventLevel.Warning => "warning",
        _ => "error",
    };
}
