using System.Text.Json;
using P2PCopy.Relay.Events;

namespace P2PCopy.Tests.Unit.Relay;

public class RelayOperationTests
{
    [Fact]
    public async Task Metrics_count_what_happened()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[1000]));
            Assert.NotNull(await receiver.ReadFrameAsync());
            string answer = await GetAsync(relay.Address, "/nothing");
            Assert.StartsWith("HTTP/1.1 404 ", answer);

            // Bytes count once they are written, which the receiver may see first.
            await TestRelay.Until(() => !relay.Server.Hub.Metrics.Text().Contains("bytes_total{from=\"send\"} 0\n", StringComparison.Ordinal));
            string metrics = await GetAsync(relay.Address, "/metrics");
            Assert.Contains("\np2pcopy_relay_pairs 1\n", metrics);
            Assert.Contains("\np2pcopy_relay_joins_total 2\n", metrics);
            Assert.Contains("\np2pcopy_relay_bytes_total{from=\"send\"} 1004\n", metrics);
            Assert.Contains("\np2pcopy_relay_refusals_total{reason=\"path\"} 1\n", metrics);
        }

        await TestRelay.Until(() => relay.Server.Hub.MemberCount == 0);
        string after = await GetAsync(relay.Address, "/metrics");
        Assert.Contains("\np2pcopy_relay_pairs 0\n", after);
        Assert.Contains("\np2pcopy_relay_session_seconds_count 1\n", after);
        foreach (string line in after[(after.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].TrimEnd('\n').Split('\n'))
            Assert.Matches("^(# (HELP|TYPE) (p2pcopy_relay|process)_[a-z_]+ .+|(p2pcopy_relay|process)_[a-z_]+(\\{[a-z]+=\"[^\"]+\"(,[a-z]+=\"[^\"]+\")*\\})? [0-9.E+-]+)$", line);
        Assert.Contains("\np2pcopy_relay_session_bytes_bucket{le=\"65536\"} 1\n", after);
        Assert.Contains("\np2pcopy_relay_session_bytes_bucket{le=\"+Inf\"} 1\n", after);
        Assert.Contains("\np2pcopy_relay_session_bytes_sum 1004\n", after);
    }

    [Fact]
    public async Task Metrics_are_there_at_zero_with_the_build_the_process_and_the_limits()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { MaxWaitingRooms = 77, MaxConnections = 55, MaxBytesPerDay = 1 << 20 });
        string metrics = relay.Server.Hub.Metrics.Text();
        Assert.Matches("p2pcopy_relay_build_info\\{version=\"[0-9.]+\",dotnet=\"10[0-9.]+\"\\} 1\n", metrics);
        foreach (string reason in RefusalReasons.All)
            Assert.Contains($"\np2pcopy_relay_refusals_total{{reason=\"{reason}\"}} 0\n", metrics);
        Assert.Contains("\np2pcopy_relay_connections_limit 55\n", metrics);
        Assert.Contains("\np2pcopy_relay_rooms_waiting_limit 77\n", metrics);
        Assert.Contains("\np2pcopy_relay_bytes_per_day_limit 1048576\n", metrics);
        Assert.Contains("\np2pcopy_relay_bytes_today 0\n", metrics);
        foreach (string name in (string[])["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"])
            Assert.Matches($"\n{name} [0-9.E+]+\n", metrics);
    }

    [Fact]
    public void Every_reason_of_a_refusal_in_the_source_is_a_label_of_the_metrics()
    {
        var used = from file in Directory.EnumerateFiles(Path.Combine(Documentation.Repository.Root, "src", "Relay"), "*.cs", SearchOption.AllDirectories)
                   from match in System.Text.RegularExpressions.Regex.Matches(
                       File.ReadAllText(file), "(?:new(?: Refusal)?\\([1-5][0-9][0-9], |Refused\\()\"([a-z]+)\"")
                   select match.Groups[1].Value;
        Assert.Empty(used.Except(RefusalReasons.All));
    }

    [Fact]
    public async Task A_listener_in_the_process_gets_the_same_metrics()
    {
        var seen = new Dictionary<string, double>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "P2PCopy.Relay")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            lock (seen)
                seen[instrument.Name + string.Concat(tags.ToArray().Select(t => $" {t.Key}={t.Value}"))] = value;
        });
        listener.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { MaxConnections = 55 });
        listener.RecordObservableInstruments();
        lock (seen)
        {
            Assert.Contains("p2pcopy.relay.refusals reason=token", seen.Keys);
            Assert.Contains("p2pcopy.relay.bytes from=send", seen.Keys);
            Assert.Contains("p2pcopy.relay.connections_limit", seen.Keys);
        }
    }

    [Fact]
    public async Task Metrics_can_have_a_listener_of_their_own_which_serves_no_rooms()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { MetricsListen = "127.0.0.1:0" });
        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync(relay.Address, "/metrics"));
        Uri metrics = relay.Server.MetricsAddress!;
        Assert.Contains("p2pcopy_relay_connections", await GetAsync(metrics, metrics.AbsolutePath));
        using RawClient client = await RawClient.ConnectAsync(metrics);
        await client.SendAsync(RawClient.JoinHead(TestRelay.Room, "send"));
        Assert.StartsWith("HTTP/1.1 404 ", await client.ReadAllAsync());
    }

    [Theory]
    [InlineData(RelayLogFormat.Text)]
    [InlineData(RelayLogFormat.Json)]
    public async Task Logs_tell_what_happened_without_rooms_members_tokens_or_whole_addresses(RelayLogFormat format)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Token = "secret-token" }, format: format);
        using (RawClient client = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", headers: "Authorization: Bearer secret-token\r\n"))
            await client.ExpectHintAsync("waiting");
        using (RawClient stranger = await RawClient.ConnectAsync(relay.Address))
        {
            await stranger.SendAsync(RawClient.JoinHead(TestRelay.Room, "receive", headers: "Authorization: Bearer guessed\r\n"));
            await stranger.ReadAllAsync();
        }

        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
        string[] lines;
        lock (relay.Log)
            lines = [.. relay.Log];
        string all = string.Join('\n', lines);
        foreach (string happened in (string[])["started", "waiting", "left", "refused"])
            Assert.Contains(lines, l => l.Contains(happened, StringComparison.Ordinal));
        Assert.Contains("127.0.0.0/24", all);
        Assert.Contains("ABCD", all);
        foreach (string secret in (string[])["ABCDE", "00112233", "secret-token", "guessed"])
            Assert.DoesNotContain(secret, all);
        if (format == RelayLogFormat.Json)
            Assert.All(lines, l => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(l).RootElement.ValueKind));
    }

    [Fact]
    public async Task A_named_token_is_in_the_log_and_the_metrics_by_its_name_only()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "# who may use the relay\nalice alicesecret\nbob\tbobsecret\nplainsecret\n", TestContext.Current.CancellationToken);
            await using TestRelay relay = await TestRelay.StartAsync(o => o with { TokenFile = file });
            Assert.Contains("\np2pcopy_relay_token_joins_total{token=\"alice\"} 0\n", relay.Server.Hub.Metrics.Text());
            using RawClient sender = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1), "Authorization: Bearer alicesecret\r\n");
            await sender.ExpectHintAsync("waiting");
            using RawClient receiver = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "receive", TestRelay.Member(2), "Authorization: Bearer plainsecret\r\n");
            await receiver.ExpectHintAsync("paired");
            await sender.ExpectHintAsync("paired");
            await sender.SendAsync(RawClient.Frame(2, new byte[1000]));
            Assert.NotNull(await receiver.ReadFrameAsync());
            await TestRelay.Until(() => relay.Server.Hub.Metrics.Text().Contains("\np2pcopy_relay_token_bytes_total{token=\"alice\"} 1004\n", StringComparison.Ordinal));
            Assert.Contains("\np2pcopy_relay_token_joins_total{token=\"alice\"} 1\n", relay.Server.Hub.Metrics.Text());
            Assert.Contains("\np2pcopy_relay_token_bytes_total{token=\"bob\"} 0\n", relay.Server.Hub.Metrics.Text());
            Assert.Equal("alice", relay.Events.OfType<RelayEvent.ClientWaiting>().Single().TokenName);
            Assert.DoesNotContain("secret", string.Join('\n', relay.Log) + relay.Server.Hub.Metrics.Text());

            using RawClient stranger = await RawClient.ConnectAsync(relay.Address);
            await stranger.SendAsync(RawClient.JoinHead("strangerstrangerstran0", "send", headers: "Authorization: Bearer alice\r\n"));
            Assert.StartsWith("HTTP/1.1 401 ", await stranger.ReadAllAsync());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_end_of_a_client_has_its_outcome_its_pair_and_its_duration()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(8, [0x03, 0xE8]));
            await receiver.ExpectHintAsync("peer-left");
        }

        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
        (sender, receiver) = await relay.RawPairAsync();
        using (receiver)
        using (sender)
            sender.ShutdownSend();
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);

        RelayEvent.Left[] left = [.. relay.Events.OfType<RelayEvent.Left>().OrderBy(l => l.Session).ThenBy(l => l.Role)];
        Assert.Equal([("closed", 1), ("peer-left", 1), ("disconnected", 2), ("peer-left", 2)], left.Select(l => (l.Outcome, (int)l.Session!)));
        Assert.All(left, l => Assert.True(l.Duration > TimeSpan.Zero));
    }

    [Fact]
    public async Task No_event_and_no_option_prints_a_token()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Token = "secret-token" });
        Assert.DoesNotContain("secret-token", relay.Server.Hub.Options.ToString());
        Assert.DoesNotContain("secret-token", new P2PCopy.Relay.Http.JoinRequest(TestRelay.Room, PeerRole.Send, "membersecret-token", "key", "secret-token").ToString());
        Assert.DoesNotContain("secret-token", string.Join('\n', relay.Events));
    }

    [Fact]
    public async Task Whole_addresses_are_logged_when_asked_for()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { LogAddresses = true });
        await GetAsync(relay.Address, "/nothing");
        Assert.Contains(relay.Log, l => l.Contains("client=127.0.0.1 ", StringComparison.Ordinal));
    }

    private static async Task<string> GetAsync(Uri relay, string path)
    {
        using RawClient client = await RawClient.ConnectAsync(relay);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        return await client.ReadAllAsync();
    }
}
