using System.Diagnostics;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// What happens to an operator at night, under load, with a real Prometheus: no one who copies notices more than two seconds of it, and
/// the dashboard shows it. These tests measure the machine, so they run by a command of their own: <c>.ci/run</c>.
/// </summary>
public sealed class OperatorTests
{
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Relays_drain_restart_and_die_behind_a_balancer(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        await using DeployedTool stays = await BehindAsync("127.0.0.1:0");
        DeployedTool drains = await BehindAsync("127.0.0.1:0");
        DeployedTool dies = await BehindAsync("127.0.0.1:0");
        try
        {
            int port = Daemon.FreePort();
            await using Daemon balancer = await Balancer.StartAsync(program, port, certificates, drains.Address, dies.Address, stays.Address);
            await using Monitoring monitoring = await Monitoring.StartAsync(drains.Address, dies.Address, stays.Address);
            await using var load = new CopyLoad(new Uri($"wss://localhost:{port}"), certificates.CertificateFile);
            await load.MoreAsync(20);
            await monitoring.UntilAsync("Joins", (_, rate) => rate > 0);
            TimeSpan usual = load.TakeLongest();

            // One drains while a pair keeps it alive, and starts again.
            int[] waiting = [.. Enumerable.Range(0, 6).Select(_ => load.NextNumber())];
            Task<Outcome>[] senders = [.. waiting.Select(load.SendAsync)];
            await monitoring.UntilAsync("Rooms", (series, rooms) => series.Contains("rooms_waiting{", StringComparison.Ordinal) && rooms > 0);
            using RawClient one = await RawClient.JoinAsync(drains.Address, TestRelay.Room, "send", TestRelay.Member(1), "X-Forwarded-For: 192.0.2.1\r\n");
            using RawClient other = await RawClient.JoinAsync(drains.Address, TestRelay.Room, "receive", TestRelay.Member(2), "X-Forwarded-For: 192.0.2.1\r\n");
            drains.Terminate();
            await monitoring.UntilAsync("Draining", (_, draining) => draining == 1);
            await load.MoreAsync(10);
            Assert.Equal(0, await drains.WaitAsync());
            await monitoring.UntilAsync("Up", (_, up) => up == 0);
            await monitoring.UntilAlertAsync("P2PCopyRelayDown");
            drains = await AgainAsync(drains);
            await load.MoreAsync(10);
            Assert.InRange(load.TakeLongest(), TimeSpan.Zero, usual + Noticed);

            // One is killed, and starts again.
            dies.Kill();
            await dies.WaitAsync();
            await load.MoreAsync(10);
            await monitoring.UntilAsync("Up", (_, up) => up == 0);
            dies = await AgainAsync(dies);
            await load.MoreAsync(10);
            Assert.InRange(load.TakeLongest(), TimeSpan.Zero, usual + Noticed);

            // Those who have waited all the time find their other side. nginx knows only the hash: they meet when the waiting side joins again.
            long start = Stopwatch.GetTimestamp();
            Outcome[] received = await Task.WhenAll(waiting.Select(load.ReceiveAsync));
            if (engine == "haproxy")
                Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, (2 * usual) + Noticed);
            Assert.All([.. await Task.WhenAll(senders), .. received], e => Assert.True(e.Succeeded, $"{e.Error}: {e.Exception?.Message}"));
        }
        finally
        {
            await drains.DisposeAsync();
            await dies.DisposeAsync();
        }
    }

    [Fact(Explicit = true)]
    public async Task Certificates_are_renewed_in_every_order_of_files()
    {
        using var certificates = new TestCertificates();
        using var next = new TestCertificates();
        await using DeployedTool relay = await DeployedTool.StartRelayAsync(
            "127.0.0.1:0", "--certificate", certificates.CertificateFile, "--key", certificates.KeyFile, "--max-joins-per-minute-per-address", "0", "--quiet");
        await using Monitoring monitoring = await Monitoring.StartAsync(relay.Address);
        int days = 10;
        foreach (Func<Task> renew in (Func<Task>[])[ChainFirst, KeyFirst, HalfFirst, Renames, Links])
        {
            next.Renew(notAfter: DateTimeOffset.UtcNow.AddDays((days += 10) + 0.5));
            await using var load = new CopyLoad(relay.Address, caFile: null);
            await load.MoreAsync(4);
            TimeSpan usual = load.TakeLongest();
            await renew();
            await monitoring.UntilAsync("Certificate: days left", (_, left) => left == days);
            await monitoring.UntilAsync("New files not accepted", (_, failed) => failed == 0);
            await load.MoreAsync(4);
            Assert.InRange(load.TakeLongest(), TimeSpan.Zero, usual + Noticed);
        }

        Assert.Equal(0, Assert.Single(await monitoring.ShowAsync("TLS handshakes that failed")).Value);

        async Task ChainFirst()
        {
            File.Copy(next.CertificateFile, certificates.CertificateFile, overwrite: true);
            await NotAcceptedAsync();
            File.Copy(next.KeyFile, certificates.KeyFile, overwrite: true);
        }

        async Task KeyFirst()
        {
            File.Copy(next.KeyFile, certificates.KeyFile, overwrite: true);
            await NotAcceptedAsync();
            File.Copy(next.CertificateFile, certificates.CertificateFile, overwrite: true);
        }

        async Task HalfFirst()
        {
            string chain = await File.ReadAllTextAsync(next.CertificateFile, Cancel);
            await File.WriteAllTextAsync(certificates.CertificateFile, chain[..(chain.Length / 2)], Cancel);
            await NotAcceptedAsync();
            await KeyFirst();
        }

        Task Renames()
        {
            foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)[(next.KeyFile, certificates.KeyFile), (next.CertificateFile, certificates.CertificateFile)])
            {
                File.Copy(from, to + ".new", overwrite: true);
                File.Move(to + ".new", to, overwrite: true);
            }

            return Task.CompletedTask;
        }

        Task Links()
        {
            foreach ((string target, string link) in (ReadOnlySpan<(string, string)>)[(next.CertificateFile, certificates.CertificateFile), (next.KeyFile, certificates.KeyFile)])
            {
                File.CreateSymbolicLink(link + ".new", target);
                File.Move(link + ".new", link, overwrite: true);
            }

            return Task.CompletedTask;
        }

        async Task NotAcceptedAsync()
        {
            await monitoring.UntilAsync("New files not accepted", (_, failed) => failed == 1);
            await monitoring.UntilAlertAsync("P2PCopyRelayReloadFails");
        }
    }

    [Fact(Explicit = true)]
    public async Task The_disk_of_the_log_is_full_and_wrong_tokens_flood_the_relay()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /dev/full.");
        using var pair = new TransferPair();
        string tokens = pair.Write("tokens", "alice alicesecret\nbob bobsecret\n"u8.ToArray());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(tokens, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using DeployedTool relay = await DeployedTool.StartRelayAsync(
            "127.0.0.1:0", "--token-file", tokens, "--trusted-proxies", "127.0.0.1", "--log-path", "/dev/full", "--max-joins-per-minute-per-address", "0", "--max-bytes-per-day", "1TB");
        await using Monitoring monitoring = await Monitoring.StartAsync(relay.Address);
        await using var load = new CopyLoad(relay.Address, caFile: null, token: "alicesecret");
        await load.MoreAsync(10);
        TimeSpan usual = load.TakeLongest();

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task flood = FloodAsync(relay.Address, over.Token);
        await monitoring.UntilAsync("Refusals by reason", (series, rate) => series.Contains("\"token\"", StringComparison.Ordinal) && rate > 0);
        await monitoring.UntilAsync("Refusals by reason", (series, rate) => series.Contains("\"failures\"", StringComparison.Ordinal) && rate > 0);
        await monitoring.UntilAlertAsync("P2PCopyRelayWrongTokens");
        await monitoring.UntilAsync("Log lines lost", (_, lost) => lost > 0);
        await monitoring.UntilAlertAsync("P2PCopyRelayLosesEvents");
        await monitoring.UntilAsync("Joins by token", (series, rate) => series.Contains("alice", StringComparison.Ordinal) && rate > 0);
        await monitoring.UntilAsync("Joins by token", (series, rate) => series.Contains("bob", StringComparison.Ordinal) && rate == 0);
        await load.MoreAsync(10);
        await over.CancelAsync();
        await flood;
        Assert.InRange(load.TakeLongest(), TimeSpan.Zero, usual + Noticed);

        foreach (string panel in monitoring.Panels.Except(["Certificate: days left"])) // this relay has none
            await monitoring.UntilAsync(panel, (_, value) => value >= 0);
    }

    /// <summary>Guesses from one address, as a proxy passes them on.</summary>
    private static async Task FloodAsync(Uri relay, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            using RawClient client = await RawClient.ConnectAsync(relay);
            await client.SendAsync(RawClient.JoinHead(TestRelay.Room, "send", headers: "X-Forwarded-For: 192.0.2.66\r\nAuthorization: Bearer guessed\r\n"));
            Assert.Matches("^HTTP/1.1 (401|429) ", await client.ReadHeadAsync());
        }
    }

    // All clients have one address here.
    private static Task<DeployedTool> BehindAsync(string listen)
        => DeployedTool.StartRelayAsync(listen, "--trusted-proxies", "127.0.0.1", "--max-joins-per-minute-per-address", "0", "--drain-timeout", "4s", "--quiet");

    private static async Task<DeployedTool> AgainAsync(DeployedTool gone)
    {
        await gone.DisposeAsync();
        return await BehindAsync(gone.Address.Authority);
    }
}
