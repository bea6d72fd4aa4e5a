using System.Globalization;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>Each limit: what happens at it and what the client is told. Time moves only when a test moves it.</summary>
public class RelayLimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_head_that_does_not_come_in_time_is_refused()
    {
        await using TestRelay relay = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("GET /healthz HTTP/1.1\r\n");
        await TimersAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(9));
        await client.SendAsync("Host: x\r\n");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("did not arrive within 10 s", await client.ReadAllAsync());
    }

    [Fact]
    public async Task A_tls_handshake_that_does_not_come_in_time_is_cut()
    {
        using var certificates = new TestCertificates();
        await using TestRelay relay = await StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(new byte[] { 22, 3, 1 });
        await TimersAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("", await client.ReadAllAsync());
    }

    [Fact]
    public async Task Connections_in_all_are_limited()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxConnections = 1 });
        using RawClient first = await WaitAsync(relay, 1);
        string answer = await RefusedAsync(relay, "room2room2room2room2ro");
        Assert.StartsWith("HTTP/1.1 503 ", answer);
        Assert.Contains("has 1 connections, which is all it allows", answer);
        Assert.Contains("Retry-After: ", answer);
    }

    [Fact]
    public async Task Connections_of_one_address_are_limited()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxConnectionsPerAddress = 2 });
        using RawClient first = await WaitAsync(relay, 1);
        using RawClient second = await WaitAsync(relay, 2);
        string answer = await RefusedAsync(relay, RoomOf(3));
        Assert.StartsWith("HTTP/1.1 429 ", answer);
        Assert.Contains("2 connections from this address already", answer);
        first.Dispose();
        await TestRelay.Until(() => relay.Server.Hub.Admission.Connections == 1);
        using RawClient third = await WaitAsync(relay, 3);
    }

    [Fact]
    public async Task Joins_of_one_address_are_limited_in_rate_but_a_live_member_may_join_again()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerAddress = 3 });
        using RawClient a = await WaitAsync(relay, 1);
        using RawClient b = await WaitAsync(relay, 2);
        using RawClient c = await WaitAsync(relay, 3);
        Assert.Contains("There were more than 3 joins a minute from your address", await RefusedAsync(relay, RoomOf(4)));

        using RawClient again = await WaitAsync(relay, 1);
        _clock.Advance(TimeSpan.FromSeconds(20));
        using RawClient later = await WaitAsync(relay, 4);
    }

    [Fact]
    public async Task Joins_of_one_room_are_limited_in_rate()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerRoom = 1 });
        using RawClient a = await WaitAsync(relay, 1);
        string answer = await RefusedAsync(relay, RoomOf(1), "receive");
        Assert.StartsWith("HTTP/1.1 429 ", answer);
        Assert.Contains("the room of this code", answer);
        using RawClient other = await WaitAsync(relay, 2);
    }

    [Fact]
    public async Task Waiting_rooms_are_limited_and_pairs_do_not_count()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxWaitingRooms = 1 });
        using RawClient a = await WaitAsync(relay, 1);
        Assert.Contains("1 rooms have a waiting client", await RefusedAsync(relay, RoomOf(2)));
        using RawClient b = await RawClient.JoinAsync(relay.Address, RoomOf(1), "receive");
        using RawClient c = await WaitAsync(relay, 2);
    }

    [Fact]
    public async Task Waiting_ends_after_its_time()
    {
        await using TestRelay relay = await StartAsync();
        using RawClient client = await WaitAsync(relay, 1);
        _clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(1, relay.Server.Hub.Rooms.Waiting);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((4001, "No partner joined within 300 s; join again."), await client.ReadCloseAsync());

        // It does not go by itself: it is cut off.
        _clock.Advance(TimeSpan.FromSeconds(6));
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task A_pair_that_is_silent_ends_after_its_time()
    {
        await using TestRelay relay = await StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            _clock.Advance(TimeSpan.FromSeconds(200));
            await sender.SendAsync(RawClient.Frame(2, [1]));
            Assert.NotNull(await receiver.ReadFrameAsync());
            await relay.SettledAsync();
            _clock.Advance(TimeSpan.FromSeconds(299));
            Assert.Equal(1, relay.Server.Hub.Rooms.Pairs);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal((4002, "Neither side sent anything for 300 s; join again to continue."), await sender.ReadCloseAsync());
            Assert.Equal(4002, (await receiver.ReadCloseAsync()).Code);
        }
    }

    [Fact]
    public async Task A_reader_that_never_reads_is_cut_off_and_its_partner_is_told()
    {
        await using TestRelay relay = await StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            byte[] frame = RawClient.Frame(2, new byte[1 << 20]);
            long sent = 0;
            Task sending = Task.Run(async () =>
            {
                while (true)
                {
                    await sender.SendAsync(frame);
                    Interlocked.Increment(ref sent);
                }
            });
            // The kernel's buffers are full once nothing moves any more.
            for (long last = -1; last != Interlocked.Read(ref sent); await Task.Delay(150, Cancel))
                last = Interlocked.Read(ref sent);

            // Or so it seems on a busy machine: what moves after all begins its time anew.
            Task<(int Code, string Reason)> closing = sender.ReadCloseAsync();
            await AdvanceUntilAsync(TimeSpan.FromSeconds(301), () => closing.IsCompleted);
            Assert.Contains((await closing).Code, (int[])[1001, 4002]);
            await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => sending.IsCompleted);
            await Assert.ThrowsAnyAsync<IOException>(() => sending);
            await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
        }
    }

    [Fact]
    public async Task A_pair_ends_at_its_longest_time()
    {
        await using TestRelay relay = await StartAsync(o => o with { SessionTimeout = TimeSpan.FromSeconds(60) });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            _clock.Advance(TimeSpan.FromSeconds(60));
            Assert.Equal((4002, "The pair has lasted the 60 s this relay allows; join again to continue."), await receiver.ReadCloseAsync());
            Assert.Equal(4002, (await sender.ReadCloseAsync()).Code);
        }
    }

    [Fact]
    public async Task A_pair_ends_when_it_has_moved_its_bytes()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxBytesPerSession = 5000 });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
            (int code, string reason) = await receiver.ReadCloseAsync();
            Assert.Equal((4002, "The pair has moved the 5000 bytes this relay allows; use another relay for more."), (code, reason));
        }
    }

    [Fact]
    public async Task The_days_bytes_end_pairs_and_refuse_joins_until_tomorrow()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxBytesPerDay = 5000 });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
            Assert.Equal((4002, "This relay has reached its daily limit of bytes; try again tomorrow (UTC) or use another relay."), await receiver.ReadCloseAsync());
        }

        string answer = await RefusedAsync(relay, RoomOf(1));
        Assert.StartsWith("HTTP/1.1 503 ", answer);
        int seconds = int.Parse(answer.Split("Retry-After: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 86_300, 86_400);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        using RawClient next = await WaitAsync(relay, 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_rate_of_a_pair_and_of_all_pairs_is_kept(bool perSession)
    {
        const int Rate = 1 << 20;
        await using TestRelay relay = await StartAsync(o => perSession ? o with { MaxRatePerSession = Rate } : o with { MaxRate = Rate });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            Task sending = sender.SendAsync(RawClient.Frame(2, new byte[4 * Rate]));
            Task receiving = Task.Run(async () =>
            {
                int received = 0;
                while (received < 4 * Rate)
                    received += (await receiver.ReadFrameAsync())!.Value.Payload.Length;
            });
            TimeSpan taken = TimeSpan.Zero;
            while (!receiving.IsCompleted)
            {
                // Two timers: the relay's heartbeat, and the wait that keeps the rate.
                if (_clock.PendingTimers < 2)
                {
                    await Task.Yield();
                    continue;
                }

                _clock.Advance(TimeSpan.FromMilliseconds(10));
                taken += TimeSpan.FromMilliseconds(10);
            }

            await sending;
            await receiving;
            // A quarter of a second passes at once, and no one waits after the last byte.
            Assert.InRange(taken.TotalSeconds, 3.3, 4.5);
        }
    }

    [Fact]
    public async Task A_stop_in_a_hurry_does_not_wait_for_the_rate()
    {
        const int Rate = 1 << 20;
        await using TestRelay relay = await StartAsync(o => o with { MaxRatePerSession = Rate });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[Rate / 2]));
            await TimersAsync(2);
            await relay.StopNowAsync().WaitAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_message_longer_than_allowed_ends_its_connection()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxMessageBytes = 100_000 });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[60_000], final: false));
            await sender.SendAsync(RawClient.Frame(0, new byte[40_001]));
            Assert.Equal(1009, (await sender.ReadCloseAsync()).Code);
            Assert.Equal(1001, (await receiver.ReadCloseAsync()).Code);
        }
    }

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
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "# alice\nfirst\n\n second \n", Cancel);
            await using TestRelay relay = await StartAsync(o => o with { TokenFile = file });
            using RawClient early = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "Authorization: Bearer second\r\n");
            await early.ExpectHintAsync("waiting");

            await File.WriteAllTextAsync(file, "third token\n", Cancel);
            _clock.Advance(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer second\r\n"));
            using RawClient late = await RawClient.JoinAsync(relay.Address, RoomOf(1), "receive", headers: "Authorization: Bearer third token\r\n");
            await early.ExpectHintAsync("paired");

            // An empty file would refuse every client: the last good one stays.
            await File.WriteAllTextAsync(file, "# empty", Cancel);
            _clock.Advance(TimeSpan.FromSeconds(2));
            using RawClient still = await RawClient.JoinAsync(relay.Address, RoomOf(3), "send", headers: "Authorization: Bearer third token\r\n");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("644")]
    [InlineData("660")]
    public async Task A_token_file_or_a_key_that_others_can_read_or_change_is_refused(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no modes here.");
        using var certificates = new TestCertificates();
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "operator secret-token\n", Cancel);
            SetMode(file, mode);
            P2PException tokens = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TokenFile = file }));
            SetMode(certificates.KeyFile, mode);
            P2PException key = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }));
            foreach (P2PException error in (P2PException[])[tokens, key])
            {
                Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
                Assert.Contains($"(mode {mode})", error.Message, StringComparison.Ordinal);
                Assert.Contains("chmod 600", error.Hint, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
            }

            SetMode(file, "640");
            await using TestRelay relay = await StartAsync(o => o with { TokenFile = file });
            SetMode(file, mode);
            await File.WriteAllTextAsync(file, "another-token\n", Cancel);
            _clock.Advance(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer another-token\r\n"));
            Assert.Contains(relay.Events, e => e is RelayEvent.ReloadFailed);
        }
        finally
        {
            File.Delete(file);
        }

        static void SetMode(string file, string mode)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    [Fact]
    public async Task Only_allowed_addresses_may_join()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.0/24"] });
        Assert.Contains("does not admit your address", await RefusedAsync(relay, RoomOf(1)));
        await using TestRelay open = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.0/24", "127.0.0.1"] });
        using RawClient client = await WaitAsync(open, 1);
    }

    [Fact]
    public async Task A_forwarded_address_counts_only_from_a_trusted_proxy_and_only_its_last_untrusted_hop()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["127.0.0.1", "10.0.0.0/8"] });
        using RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "X-Forwarded-For: 203.0.113.9, 192.0.2.7, 10.1.2.3\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(relay, RoomOf(2), headers: "X-Forwarded-For: 192.0.2.7, 203.0.113.9\r\n"));
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(relay, RoomOf(2), headers: "X-Forwarded-For: nonsense, 10.1.2.3\r\n"));

        await using TestRelay distrusting = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"] });
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(distrusting, RoomOf(1), headers: "X-Forwarded-For: 192.0.2.7\r\n"));
    }

    public static TheoryData<byte[]> ProxyHeaders => new(
        "PROXY TCP4 192.0.2.7 127.0.0.1 5000 443\r\n"u8.ToArray(),
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 15, 192, 0, 2, 7, 127, 0, 0, 1, 0x13, 0x88, 1, 0xBB, 9, 9, 9]);

    [Theory]
    [MemberData(nameof(ProxyHeaders))]
    public async Task The_PROXY_protocol_names_the_client(byte[] header)
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(header);
        await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
    }

    [Fact]
    public async Task The_PROXY_protocol_of_a_stranger_is_not_believed()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["10.0.0.0/8"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("PROXY TCP4 192.0.2.7 127.0.0.1 5000 443\r\n" + RawClient.JoinHead(RoomOf(1), "send"));
        Assert.StartsWith("HTTP/1.1 400 ", await client.ReadAllAsync());
    }

    [Fact]
    public async Task A_PROXY_header_that_does_not_come_in_time_is_cut()
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("PROXY TCP4 192.0.2.7");
        await TimersAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, relay.Server.OpenConnectionCount);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("", await client.ReadAllAsync());
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 127.0.0.1 5000 443 00000000000000000000000000000000000000000000000000000000000000000000000000000000\r\n")]
    public async Task A_trusted_proxy_without_a_good_PROXY_header_is_cut(string bytes)
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(bytes);
        Assert.Equal("", await client.ReadAllAsync());
    }

    [Fact]
    public async Task A_draining_relay_refuses_who_had_connected_before()
    {
        await using TestRelay relay = await StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        using (RawClient late = await RawClient.ConnectAsync(relay.Address))
        {
            await TestRelay.Until(() => relay.Server.OpenConnectionCount == 3);
            Task stopping = relay.Server.StopAsync(Cancel);
            Assert.Equal("", await late.ReadAllAsync());

            // The drain has its time by the clock.
            await sender.ExpectHintAsync("draining");
            Assert.False(stopping.IsCompleted);
            await TimersAsync(2);
            _clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(4003, (await sender.ReadCloseAsync()).Code);
            Assert.Equal(4003, (await receiver.ReadCloseAsync()).Code);
            sender.Dispose();
            receiver.Dispose();
            await stopping;
        }
    }

    [Fact]
    public async Task An_option_out_of_its_range_is_refused_by_name()
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { WaitTimeout = TimeSpan.FromSeconds(5) }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Equal("`WaitTimeout` is 5; it must be 60 to 86400 seconds.", e.Message);
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { MaxRate = 1000 }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TrustedProxies = ["proxy.example.org"] }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { Certificate = "/nowhere/certificate.pem" }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TokenFile = "/nowhere/tokens" }));
    }

    private Task<TestRelay> StartAsync(Func<RelayOptions, RelayOptions>? change = null) => TestRelay.StartAsync(change, _clock);

    private Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition) => TestRelay.Until(() =>
    {
        _clock.Advance(step);
        return condition();
    });

    private Task TimersAsync(int count) => TestRelay.Until(() => _clock.PendingTimers >= count);

    private static string RoomOf(int number) => number.ToString("D22", CultureInfo.InvariantCulture);

    private static RoomJoin Join(int room) => new(RoomOf(room), PeerRole.Send, TestRelay.Member(1));

    private static async Task<RawClient> WaitAsync(TestRelay relay, int room)
    {
        RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(room), "send");
        await client.ExpectHintAsync("waiting");
        await relay.SettledAsync();
        return client;
    }

    private static async Task<string> RefusedAsync(TestRelay relay, string room, string role = "send", string headers = "")
    {
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(RawClient.JoinHead(room, role, headers: headers));
        string answer = await client.ReadAllAsync();
        Assert.Contains("P2PCopy-Refused: ", answer);
        return answer;
    }
}
