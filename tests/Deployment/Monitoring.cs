using System.Globalization;
using System.Text.Json;

namespace P2PCopy.Tests.Deployment;

/// <summary>A real Prometheus with the files of <c>deploy/</c> that scrapes relays every second, and the panels of the dashboard as it answers them.</summary>
internal sealed class Monitoring : IAsyncDisposable
{
    private readonly Daemon _prometheus;
    private readonly HttpClient _http;
    private readonly Dictionary<string, string[]> _panels;

    private Monitoring(Daemon prometheus, int port)
    {
        _prometheus = prometheus;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using JsonDocument dashboard = JsonDocument.Parse(Daemon.DeployFile("grafana/p2pcopy-relay.json"));
        _panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToDictionary(
            p => p.GetProperty("title").GetString()!,
            p => p.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("expr").GetString()!.Replace("$instance", ".*", StringComparison.Ordinal)).ToArray());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The titles of the panels.</summary>
    public IEnumerable<string> Panels => _panels.Keys;

    /// <summary>Starts it; the test is skipped without the program.</summary>
    public static async Task<Monitoring> StartAsync(params Uri[] relays)
    {
        string program = Daemon.Find("prometheus");
        int port = Daemon.FreePort();
        string config = Daemon.DeployFile("prometheus/prometheus.yml")
            .Replace("scrape_interval: 15s", "scrape_interval: 1s", StringComparison.Ordinal)
            .Replace("\"127.0.0.1:9090\"", string.Join(", ", relays.Select(r => $"\"{r.Authority}\"")), StringComparison.Ordinal);
        // A relay with TLS shows its metrics at the same port.
        if (relays.Any(r => r.Scheme == "wss"))
            config = config.Replace("    scrape_interval", "    scheme: https\n    tls_config: { insecure_skip_verify: true }\n    scrape_interval", StringComparison.Ordinal);
        config += "global: { evaluation_interval: 1s }\n";
        (string, string)[] files = [("prometheus.yml", config), ("alerts.yml", Daemon.DeployFile("prometheus/alerts.yml"))];
        return new Monitoring(
            await Daemon.StartAsync(program, port, files, "--config.file=@FOLDER@/prometheus.yml", "--storage.tsdb.path=@FOLDER@/data", $"--web.listen-address=127.0.0.1:{port}"),
            port);
    }

    /// <summary>The values that a panel shows now, by their labels.</summary>
    public async Task<Dictionary<string, double>> ShowAsync(string panel)
    {
        var shown = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string expression in _panels[panel])
        {
            using JsonDocument answer = await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression));
            foreach (JsonElement series in answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
                shown[$"{expression} {series.GetProperty("metric")}"] = double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }

        return shown;
    }

    /// <summary>Waits until a panel shows it; the labels of a value are part of its key.</summary>
    public async Task UntilAsync(string panel, Func<string, double, bool> shows)
    {
        while (!(await ShowAsync(panel)).Any(s => shows(s.Key, s.Value)))
            await Task.Delay(100, Cancel);
    }

    /// <summary>Waits until the condition of an alert holds.</summary>
    public async Task UntilAlertAsync(string name)
    {
        while (true)
        {
            using JsonDocument answer = await GetAsync("/api/v1/alerts");
            if (answer.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray().Any(a => a.GetProperty("labels").GetProperty("alertname").GetString() == name))
                return;
            await Task.Delay(100, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _prometheus.DisposeAsync();
    }

    private async Task<JsonDocument> GetAsync(string path)
    {
        while (true)
        {
            using HttpResponseMessage answer = await _http.GetAsync(path, Cancel);
            if (answer.IsSuccessStatusCode)
                return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(Cancel), default, Cancel);
            await Task.Delay(100, Cancel); // it listens before it is ready
        }
    }
}
