using System.Collections.ObjectModel;
using System.Globalization;
using System.Net.Security;
using P2PCopy.Cmdlets;

namespace P2PCopy.Module;

/// <summary>Reads the state of a relay from its metrics (the text format of Prometheus, 0.0.4).</summary>
internal static class RelayMetricsReader
{
    // The metrics of a relay with a thousand named tokens are below a megabyte.
    private const int MaxBytes = 16 << 20;

    /// <exception cref="P2PException">The metrics cannot be read.</exception>
    public static P2PRelayStatus Read(Uri address, bool skipCertificateCheck, TimeSpan timeout, int? processId)
    {
        Uri metrics = MetricsAddress(address);
        using var handler = new SocketsHttpHandler { UseProxy = !metrics.IsLoopback, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => skipCertificateCheck || errors == SslPolicyErrors.None;
        using var client = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = MaxBytes };
        try
        {
            string text = Task.Run(() => client.GetStringAsync(metrics)).GetAwaiter().GetResult();
            ReadOnlyDictionary<string, double> values = Parse(text).AsReadOnly();
            return values.ContainsKey(P2PRelayStatus.Prefix + "connections")
                ? new P2PRelayStatus(metrics, values) { ProcessId = processId }
                : throw new P2PException(P2PErrorCode.Failure, $"{metrics} answered, but not with the metrics of a relay.");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            throw new P2PException(P2PErrorCode.RelayConnectFailed, $"The metrics at {metrics} could not be read: {(e is OperationCanceledException ? $"no answer within {timeout.TotalSeconds:0} s" : e.Message)}", e)
            {
                Hint = "Use the address of the relay, or the one of -MetricsListen if it has one.",
            };
        }
    }

    /// <summary>The address of the metrics of a relay; an address with a path is taken as it is.</summary>
    internal static Uri MetricsAddress(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("ws" or "wss" or "http" or "https"))
            throw new P2PException(P2PErrorCode.InvalidOption, $"'{address.OriginalString}' is not an address of a relay, such as ws://127.0.0.1:8765 or http://127.0.0.1:9090/metrics.");
        var builder = new UriBuilder(address) { Scheme = address.Scheme is "wss" or "https" ? "https" : "http", Port = address.Port };
        if (!builder.Path.EndsWith("/metrics", StringComparison.Ordinal))
            builder.Path = builder.Path.TrimEnd('/') + "/metrics";
        return builder.Uri;
    }

    private static Dictionary<string, double> Parse(string text)
    {
        Dictionary<string, double> values = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            int end = line.LastIndexOf(' ');
            if (end > 0 && line[0] != '#' && double.TryParse(line.AsSpan(end + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                values[line[..end]] = value;
        }

        return values;
    }
}
