using System.Security.Cryptography;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>The certificate of a relay: it is read again when it changes, and the metrics tell when it expires.</summary>
public class RelayCertificateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_is_read_again_when_it_changes_and_a_broken_one_is_not_taken()
    {
        var clock = new ManualTimeProvider();
        using var certificates = new TestCertificates();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }, clock);
        await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();

        string old = certificates.Fingerprint;
        certificates.Renew();
        File.SetLastWriteTimeUtc(certificates.CertificateFile, DateTime.UtcNow.AddMinutes(1));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(old, certificates.Fingerprint);
        await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();

        File.WriteAllText(certificates.CertificateFile, "half");
        clock.Advance(TimeSpan.FromSeconds(2));
        await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();
        Assert.Contains(relay.Log, l => l.Contains("reload-failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_of_another_certificate_never_ends_tls_and_the_last_valid_pair_stays_in_use()
    {
        var clock = new ManualTimeProvider();
        using var certificates = new TestCertificates();
        using var renewed = new TestCertificates();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }, clock);
        await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();

        // Both keys are of the same curve, and a renewal writes one file after the other.
        File.WriteAllText(certificates.KeyFile, File.ReadAllText(renewed.KeyFile));
        File.SetLastWriteTimeUtc(certificates.KeyFile, DateTime.UtcNow.AddMinutes(1));
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();
        }

        RelayEvent.ReloadFailed failed = Assert.Single(relay.Events.OfType<RelayEvent.ReloadFailed>());
        Assert.Contains("Use PEM files, and the key that belongs to the certificate.", failed.Problem);
        Assert.Contains("\np2pcopy_relay_tls_handshake_failures_total 0\n", relay.Server.Hub.Metrics.Text());

        File.WriteAllText(certificates.CertificateFile, File.ReadAllText(renewed.CertificateFile));
        File.SetLastWriteTimeUtc(certificates.CertificateFile, DateTime.UtcNow.AddMinutes(2));
        clock.Advance(TimeSpan.FromSeconds(2));
        await (await HealthAsync(relay, renewed.Fingerprint)).DisposeAsync();
    }

    [Fact]
    public async Task A_certificate_behind_links_is_read_again_when_they_lead_elsewhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right of their own on Windows.");
        var clock = new ManualTimeProvider();
        using var certificates = new TestCertificates();
        using var renewed = new TestCertificates();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("p2pcopy-links-");
        try
        {
            // A secret of Kubernetes: names that stay, behind a link to a folder that a renewal replaces.
            string current = Path.Combine(folder.FullName, "..data");
            string chain = Path.Combine(folder.FullName, "tls.crt");
            string key = Path.Combine(folder.FullName, "tls.key");
            Directory.CreateSymbolicLink(current, Path.GetDirectoryName(certificates.CertificateFile)!);
            File.CreateSymbolicLink(chain, Path.Combine("..data", Path.GetFileName(certificates.CertificateFile)));
            File.CreateSymbolicLink(key, Path.Combine("..data", Path.GetFileName(certificates.KeyFile)));
            File.SetLastWriteTimeUtc(renewed.CertificateFile, File.GetLastWriteTimeUtc(certificates.CertificateFile).AddSeconds(1));
            await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = chain, Key = key }, clock);
            await (await HealthAsync(relay, certificates.Fingerprint)).DisposeAsync();

            Directory.Delete(current);
            Directory.CreateSymbolicLink(current, Path.GetDirectoryName(renewed.CertificateFile)!);
            clock.Advance(TimeSpan.FromSeconds(2));
            await (await HealthAsync(relay, renewed.Fingerprint)).DisposeAsync();

            // While a link leads to nothing, the last valid pair stays.
            File.Delete(chain);
            File.CreateSymbolicLink(chain, "nothing");
            clock.Advance(TimeSpan.FromSeconds(2));
            await (await HealthAsync(relay, renewed.Fingerprint)).DisposeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Metrics_show_a_file_that_cannot_be_used_until_it_can()
    {
        var clock = new ManualTimeProvider();
        using var certificates = new TestCertificates();
        using var renewed = new TestCertificates();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }, clock);
        Assert.Contains("\np2pcopy_relay_reload_failed{file=\"certificate\"} 0\n", relay.Server.Hub.Metrics.Text());

        // No client connects meanwhile.
        File.WriteAllText(certificates.KeyFile, File.ReadAllText(renewed.KeyFile));
        File.SetLastWriteTimeUtc(certificates.KeyFile, DateTime.UtcNow.AddMinutes(1));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("\np2pcopy_relay_reload_failed{file=\"certificate\"} 1\n", relay.Server.Hub.Metrics.Text());

        File.WriteAllText(certificates.CertificateFile, File.ReadAllText(renewed.CertificateFile));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("\np2pcopy_relay_reload_failed{file=\"certificate\"} 0\n", relay.Server.Hub.Metrics.Text());
    }

    [Fact]
    public async Task Metrics_show_failed_handshakes_and_the_days_until_the_certificate_expires()
    {
        var clock = new ManualTimeProvider();
        using var certificates = new TestCertificates();
        certificates.Renew(notAfter: clock.GetUtcNow().AddDays(20.5));
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }, clock);
        using (RawClient client = await RawClient.ConnectAsync(relay.Address))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await client.ReadAllAsync();
        }

        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
        Assert.Contains("\np2pcopy_relay_tls_handshake_failures_total 1\n", relay.Server.Hub.Metrics.Text());
        Assert.Contains("\np2pcopy_relay_certificate_expires_days 20\n", relay.Server.Hub.Metrics.Text());
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Contains("\np2pcopy_relay_certificate_expires_days 19\n", relay.Server.Hub.Metrics.Text());
    }

    private static async Task<IMessageChannel> HealthAsync(TestRelay relay, string pin)
    {
        string room = Convert.ToHexString(RandomNumberGenerator.GetBytes(11));
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address], PinnedCertificate = pin });
        Task<IMessageChannel> sender = connector.JoinAsync(new RoomJoin(room, PeerRole.Send, TestRelay.Member(1)), Cancel);
        await using IMessageChannel receiver = await connector.JoinAsync(new RoomJoin(room, PeerRole.Receive, TestRelay.Member(2)), Cancel);
        return await sender;
    }
}
