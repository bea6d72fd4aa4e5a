using P2PCopy.Relay.Limits;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>The tokens of a relay.</summary>
public sealed class RelayTokenTests : RelayLimitBase, IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_token_is_asked_for_and_told_apart_when_missing_and_wrong()
    {
        await using TestRelay relay = await StartAsync(o => o with { Token = "right" });
        Assert.Contains("requires a token", await RefusedAsync(relay, RoomOf(1)));
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => relay.Connector(token: "wrong-token").JoinAsync(Join(1), Cancel));
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);
        Assert.Contains("does not accept this token", e.Message);
        Assert.DoesNotContain("wrong-token", e.Message + string.Join('\n', relay.Log));
        using RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "Authorization: bearer right\r\n");
    }

    [Fact]
    public async Task A_file_of_tokens_is_read_again_when_it_changes_and_no_client_is_dropped()
    {
        await File.WriteAllTextAsync(_file, "# alice\nfirst\n\n second \n", Cancel);
        await using TestRelay relay = await StartAsync(o => o with { TokenFile = _file });
        using RawClient early = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "Authorization: Bearer second\r\n");
        await early.ExpectHintAsync("waiting");

        await File.WriteAllTextAsync(_file, "third token\n", Cancel);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer second\r\n"));
        using RawClient late = await RawClient.JoinAsync(relay.Address, RoomOf(1), "receive", headers: "Authorization: Bearer third token\r\n");
        await early.ExpectHintAsync("paired");

        // An empty file would refuse every client: the last good one stays.
        await File.WriteAllTextAsync(_file, "# empty", Cancel);
        Clock.Advance(TimeSpan.FromSeconds(2));
        using RawClient still = await RawClient.JoinAsync(relay.Address, RoomOf(3), "send", headers: "Authorization: Bearer third token\r\n");
    }

    [Fact]
    public async Task The_connections_of_a_named_token_are_limited_and_a_client_that_joins_again_while_it_waits_does_not_count_twice()
    {
        await using TestRelay relay = await StartAsync("alice secret connections=2\nbob other\n");
        using RawClient first = await JoinAsync(relay, 1, "secret");
        using RawClient second = await JoinAsync(relay, 2, "secret");
        string refused = await RefusedAsync(relay, RoomOf(3), headers: Bearer("secret"));
        Assert.StartsWith("HTTP/1.1 429 ", refused);
        Assert.Contains("The clients with your token have all the connections that it allows.", refused);
        using RawClient others = await JoinAsync(relay, 3, "other");
        using RawClient again = await JoinAsync(relay, 2, "secret"); // the same member
        Assert.Equal(4000, (await second.ReadCloseAsync()).Code);
        second.Dispose();
        first.Dispose();
        await TestRelay.Until(() => Metrics(relay).Contains("\np2pcopy_relay_token_connections{token=\"alice\"} 1\n", StringComparison.Ordinal));
        using RawClient later = await JoinAsync(relay, 4, "secret");
        Assert.StartsWith("HTTP/1.1 429 ", await RefusedAsync(relay, RoomOf(1), headers: Bearer("secret"))); // the first one, which had left
        Assert.Contains("\np2pcopy_relay_token_connections_limit{token=\"alice\"} 2\n", Metrics(relay));
        Assert.Contains("\np2pcopy_relay_token_connections_limit{token=\"bob\"} 0\n", Metrics(relay));
        Assert.Contains("\np2pcopy_relay_refusals_total{reason=\"token-connections\"} 2\n", Metrics(relay));
    }

    [Fact]
    public async Task The_days_bytes_of_a_named_token_end_its_pairs_and_refuse_its_joins_until_tomorrow()
    {
        await using TestRelay relay = await StartAsync("alice secret bytes-per-day=5000B\nbob other\n");
        using RawClient sender = await JoinAsync(relay, 1, "secret");
        using RawClient receiver = await JoinAsync(relay, 1, "other", "receive", "paired");
        await sender.ExpectHintAsync("paired");
        await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
        Assert.Equal((4002, "A token of this pair has reached its daily limit of bytes; try again tomorrow (UTC) or use another relay."), await receiver.ReadCloseAsync());

        string refused = await RefusedAsync(relay, RoomOf(2), headers: Bearer("secret"));
        Assert.StartsWith("HTTP/1.1 429 ", refused);
        Assert.Contains("The clients with your token have reached their daily limit of bytes.", refused);
        using RawClient others = await JoinAsync(relay, 2, "other");
        Clock.Advance(TimeSpan.FromDays(1));
        using RawClient tomorrow = await JoinAsync(relay, 3, "secret");
        Assert.Contains("\np2pcopy_relay_token_bytes_today{token=\"alice\"} 0\n", Metrics(relay));
    }

    [Fact]
    public async Task The_rate_of_a_named_token_is_shared_by_its_clients_and_a_changed_one_holds_for_those_that_are_there()
    {
        const int Rate = 1 << 20;
        await using TestRelay relay = await StartAsync("alice secret rate=1MiB\n");
        using RawClient sender = await JoinAsync(relay, 1, "secret");
        using RawClient receiver = await JoinAsync(relay, 1, "secret", "receive", "paired");
        await sender.ExpectHintAsync("paired");
        Assert.Equal(Rate, Use(relay).Limits.Rate);
        // A quarter of a second passes at once, the rest at the rate.
        Assert.Equal(TimeSpan.Zero, Use(relay).Charge(Rate / 4));
        Assert.Equal(TimeSpan.FromSeconds(2), Use(relay).Charge(2 * Rate));

        await File.WriteAllTextAsync(_file, "alice secret rate=4MiB\n", Cancel);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await TestRelay.Until(() => Use(relay).Limits.Rate == 4 * Rate);
        Assert.Equal(TimeSpan.FromSeconds(0.25), Use(relay).Charge(2 * Rate));
        Task sending = sender.SendAsync(RawClient.Frame(2, new byte[8 * Rate]));
        long started = Clock.GetTimestamp();
        int received = 0;
        Task receiving = Task.Run(async () =>
        {
            while (received < 8 * Rate)
                received += (await receiver.ReadFrameAsync())!.Value.Payload.Length;
        });
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiving.IsCompleted);
        await sending;
        Assert.True(Clock.GetElapsedTime(started) >= TimeSpan.FromSeconds(1.5), $"{Clock.GetElapsedTime(started)}");
    }

    [Theory]
    [InlineData("alice secret rate=fast", "limit in line 2")]
    [InlineData("alice secret rate=0", "limit in line 2")]
    [InlineData("alice secret connections=-1", "limit in line 2")]
    [InlineData("alice secret connections=1.5", "limit in line 2")]
    [InlineData("alice secret rates=1MiB", "limit in line 2")]
    [InlineData("alice secret rate=1MiB rate=2MiB", "limit in line 2")]
    [InlineData("al!ce secret rate=1MiB", "name in line 2")]
    public async Task A_limit_that_cannot_be_used_is_refused_without_showing_the_token(string line, string what)
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => StartAsync($"# tokens\n{line}\n"));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains($"The {what} of the token file", e.Message);
        Assert.DoesNotContain("secret", e.Message + e.Hint);
    }

    [Fact]
    public async Task The_line_of_a_token_with_limits_is_not_a_token_without_them()
    {
        await using TestRelay relay = await StartAsync("alice secret connections=1\n");
        Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(1), headers: Bearer("alice secret connections=1")));
    }

    [Fact]
    public async Task A_name_with_two_tokens_has_one_limit_for_both()
    {
        await using TestRelay relay = await StartAsync("alice old connections=9\nalice new connections=1\n");
        using RawClient first = await JoinAsync(relay, 1, "old");
        Assert.StartsWith("HTTP/1.1 429 ", await RefusedAsync(relay, RoomOf(2), headers: Bearer("new")));
        Assert.StartsWith("HTTP/1.1 429 ", await RefusedAsync(relay, RoomOf(2), headers: Bearer("old")));
    }

    [Theory]
    [InlineData("644")]
    [InlineData("660")]
    public async Task A_token_file_or_a_key_that_others_can_read_or_change_is_refused(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no modes here.");
        using var certificates = new TestCertificates();
        await File.WriteAllTextAsync(_file, "operator secret-token\n", Cancel);
        SetMode(_file, mode);
        P2PException tokens = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TokenFile = _file }));
        SetMode(certificates.KeyFile, mode);
        P2PException key = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }));
        foreach (P2PException error in (P2PException[])[tokens, key])
        {
            Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
            Assert.Contains($"(mode {mode})", error.Message, StringComparison.Ordinal);
            Assert.Contains("chmod 600", error.Hint, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        }

        SetMode(_file, "640");
        await using TestRelay relay = await StartAsync(o => o with { TokenFile = _file });
        SetMode(_file, mode);
        await File.WriteAllTextAsync(_file, "another-token\n", Cancel);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer another-token\r\n"));
        Assert.Contains(relay.Events, e => e is RelayEvent.ReloadFailed);

        static void SetMode(string file, string mode)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    private async Task<TestRelay> StartAsync(string tokens)
    {
        await File.WriteAllTextAsync(_file, tokens, Cancel);
        return await StartAsync(o => o with { TokenFile = _file });
    }

    private static string Bearer(string token) => $"Authorization: Bearer {token}\r\n";

    private static string Metrics(TestRelay relay) => relay.Server.Hub.Metrics.Text();

    private static TokenUse Use(TestRelay relay) => Assert.Single(relay.Server.Hub.Admission.Tokens.Named);

    private static async Task<RawClient> JoinAsync(TestRelay relay, int room, string token, string role = "send", string hint = "waiting")
    {
        RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(room), role, headers: Bearer(token));
        await client.ExpectHintAsync(hint);
        return client;
    }
}
