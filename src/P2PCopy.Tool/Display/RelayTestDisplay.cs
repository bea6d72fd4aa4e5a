using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Display;

/// <summary>Shows the test of a relay as text or as one JSON object.</summary>
internal static class RelayTestDisplay
{
    public static void Write(ToolHost host, RelayTestReport report, bool json)
    {
        if (json)
            host.Out.WriteLine(Json(report));
        else
            WriteLines(host, report);
    }

    private static void WriteLines(ToolHost host, RelayTestReport report)
    {
        host.Out.WriteLine("relay       " + HumanText.Safe(report.Relay.AbsoluteUri.TrimEnd('/')));
        host.Out.WriteLine("reachable   " + (report.IsReachable ? "yes" : "no"));
        if (report.IsTlsValid is { } valid)
            host.Out.WriteLine("TLS         " + (valid ? "valid" : "NOT valid") + (report.CertificateExpires is { } end ? $", until {end:yyyy-MM-dd}" : string.Empty));
        if (report.Version is { } version)
            host.Out.WriteLine("version     " + HumanText.Safe(version));
        if (report.RoundTrip is { } time)
            host.Out.WriteLine("round trip  " + time.TotalMilliseconds.ToString(time.TotalMilliseconds < 1 ? "0.000" : "0.0", CultureInfo.InvariantCulture) + " ms");
        if (report.BytesPerSecond is { } rate)
            host.Out.WriteLine($"throughput  {HumanText.Rate(rate)}, up and down at once");
        if (report.Direct is { } direct)
            host.Out.WriteLine($"direct      {direct}");
        if (report.Error is { } error)
        {
            new Screen(host).Error(error);
        }
    }

    private static string Json(RelayTestReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("event", "test");
            json.WriteString("relay", report.Relay.AbsoluteUri.TrimEnd('/'));
            json.WriteBoolean("succeeded", report.Succeeded);
            json.WriteBoolean("reachable", report.IsReachable);
            if (report.IsTlsValid is { } valid)
                json.WriteBoolean("tlsValid", valid);
            else
                json.WriteNull("tlsValid");
            json.WriteString("certificateSha256", report.CertificateHash?.ToLowerInvariant());
            json.WriteString("certificateExpires", report.CertificateExpires?.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("version", report.Version);
            WriteNullable(json, "roundTripSeconds", report.RoundTrip?.TotalSeconds, 6);
            WriteNullable(json, "bytesPerSecond", report.BytesPerSecond, 0);
            WriteDirect(json, report.Direct);
            json.WriteString("code", report.Error?.Code.ToString());
            json.WriteString("message", ToolOptionNames.In(report.Error?.Message));
            json.WriteString("hint", ToolOptionNames.In(report.Error?.Hint));
            json.WriteNumber("exit", report.Error?.Code.ExitStatus() ?? 0);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteDirect(Utf8JsonWriter json, DirectOutlook? direct)
    {
        if (direct is null)
        {
            json.WriteNull("direct");
            return;
        }

        json.WriteStartObject("direct");
        if (direct.IsExpected is { } expected)
            json.WriteBoolean("expected", expected);
        else
            json.WriteNull("expected");
        json.WriteString("nat", JsonNamingPolicy.CamelCase.ConvertName(direct.Nat.ToString()));
        json.WriteString("seenByRelay", direct.SeenByRelay?.ToString());
        json.WriteString("mapping", direct.Mapping?.ToString());
        json.WriteBoolean("ipv6", direct.HasIPv6);
        json.WriteEndObject();
    }

    private static void WriteNullable(Utf8JsonWriter json, string name, double? value, int digits)
    {
        if (value is { } number)
            json.WriteNumber(name, Math.Round(number, digits));
        else
            json.WriteNull(name);
    }
}
