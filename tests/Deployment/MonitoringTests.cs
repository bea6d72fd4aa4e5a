using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Deployment;

/// <summary>The dashboard and the alert rules in <c>deploy/</c> use metrics that a relay has, and promtool accepts what it says.</summary>
public sealed class MonitoringTests
{
    private static string Folder => Path.Combine(Repository.Root, "deploy");

    [Theory]
    [InlineData("prometheus/alerts.yml")]
    [InlineData("grafana/p2pcopy-relay.json")]
    public async Task Every_metric_and_label_that_is_used_exists(string file)
    {
        string tokens = Path.GetTempFileName();
        await File.WriteAllTextAsync(tokens, "alice token\n", TestContext.Current.CancellationToken);
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { TokenFile = tokens });
        File.Delete(tokens);
        string metrics = relay.Server.Hub.Metrics.Text();
        HashSet<string> known = [.. Regex.Matches(metrics, @"^(\w+)[ {]", RegexOptions.Multiline).Select(m => m.Groups[1].Value)];
        known.UnionWith(["p2pcopy_relay_certificate_expires_days", "process_open_fds"]); // only with TLS, Linux
        string[] used = [.. Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken), @"\b(p2pcopy_relay_\w+|process_\w+)").Select(m => m.Value).Distinct()];
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(known));
    }

    [Fact]
    public void The_dashboard_has_an_expression_and_a_place_for_each_panel()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana", "p2pcopy-relay.json")));
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];
        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("gridPos").GetRawText()).Distinct().Count());
        Assert.All(panels, p => Assert.All(p.GetProperty("targets").EnumerateArray(), t => Assert.NotEmpty(t.GetProperty("expr").GetString()!)));
    }

    [Fact]
    public async Task Promtool_accepts_the_metrics_of_a_running_relay()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        sender.Dispose();
        receiver.Dispose();
        await TestRelay.Until(() => relay.Server.Hub.MemberCount == 0);
        Assert.Equal(string.Empty, await PromtoolAsync(relay.Server.Hub.Metrics.Text(), "check", "metrics"));
    }

    [Fact]
    public async Task Promtool_accepts_the_alert_rules_and_the_configuration()
    {
        Assert.Contains("SUCCESS", await PromtoolAsync(null, "check", "rules", Path.Combine(Folder, "prometheus", "alerts.yml")), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await PromtoolAsync(null, "check", "config", Path.Combine(Folder, "prometheus", "prometheus.yml")), StringComparison.Ordinal);
    }

    private static async Task<string> PromtoolAsync(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no promtool (Debian: apt install prometheus).");
        }

        using (process)
        {
            await process!.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, string.Concat(said));
            return string.Concat(said);
        }
    }
}
