using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public class RelayTlsTests
{
    private static readonly RoomJoin DefaultJoin = new("ABCDEFGHIJKLMNOPQRSTU_", PeerRole.Receive, "00112233445566778899AABBCCDDEEFF");

    [Fact]
    public async Task An_unknown_authority_is_refused_and_the_error_names_the_ways_out()
    {
        using var certificates = new TestCertificates();
        P2PException e = await RefusedAsync(certificates, o => o);
        Assert.Contains("CaFile", e.Hint);
        Assert.Contains("PinnedCertificate", e.Hint);
        Assert.DoesNotContain(certificates.Fingerprint, e.Message + e.Hint, StringComparison.OrdinalIgnoreCase); // not as advice to paste
    }

    [Fact]
    public async Task The_authority_in_CaFile_is_trusted()
    {
        using var certificates = new TestCertificates();
        await AcceptedAsync(certificates, o => o with { CaFile = certificates.CertificateFile });
    }

    [Fact]
    public async Task CaFile_does_not_excuse_a_wrong_name()
    {
        using var certificates = new TestCertificates("relay.example.org");
        P2PException e = await RefusedAsync(certificates, o => o with { CaFile = certificates.CertificateFile });
        Assert.Contains("not for the name 127.0.0.1", e.Message);
    }

    [Fact]
    public async Task An_expired_certificate_is_called_so()
    {
        using var certificates = new TestCertificates();
        certificates.Renew(notAfter: DateTimeOffset.UtcNow.AddDays(-1));
        P2PException e = await RefusedAsync(certificates, o => o with { CaFile = certificates.CertificateFile });
        Assert.Contains("not valid at this time", e.Message);
    }

    [Fact]
    public async Task The_pinned_certificate_is_accepted_whoever_issued_it_and_whatever_its_name()
    {
        using var certificates = new TestCertificates("relay.example.org");
        string pin = string.Join(':', certificates.Fingerprint.Chunk(2).Select(c => new string(c))).ToLowerInvariant();
        await AcceptedAsync(certificates, o => o with { PinnedCertificate = pin });
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused_even_when_checks_are_skipped()
    {
        using var certificates = new TestCertificates();
        P2PException e = await RefusedAsync(certificates, o => o with
        {
            PinnedCertificate = new string('0', 64),
            CaFile = certificates.CertificateFile,
            SkipCertificateCheck = true,
        });
        Assert.Contains("not the one in `PinnedCertificate`", e.Message);
    }

    [Fact]
    public async Task Skipping_the_check_accepts_anything()
    {
        using var certificates = new TestCertificates("elsewhere");
        await AcceptedAsync(certificates, o => o with { SkipCertificateCheck = true });
    }

    [Fact]
    public async Task Tls_to_a_port_that_speaks_none_says_so()
    {
        await using var relay = new ScriptedRelay();
        var options = new RelayConnectorOptions { Relays = [new Uri($"wss://127.0.0.1:{relay.Port}")], ConnectionTimeout = TimeSpan.FromSeconds(1) };
        P2PException e = await Assert.ThrowsAsync<P2PException>(
            () => new RelayConnector(options).JoinAsync(DefaultJoin, TestContext.Current.CancellationToken));
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
    }

    [Theory]
    [InlineData("not a pin")]
    [InlineData("00:11")]
    public void A_pin_that_is_no_sha256_is_an_invalid_option(string pin)
        => Assert.Equal(P2PErrorCode.InvalidOption, Assert.Throws<P2PException>(() => new RelayConnector(
            new RelayConnectorOptions { Relays = [new Uri("wss://localhost")], PinnedCertificate = pin })).Code);

    [Fact]
    public void A_CaFile_without_a_certificate_is_an_invalid_option()
    {
        using var certificates = new TestCertificates();
        Assert.Equal(P2PErrorCode.InvalidOption, Assert.Throws<P2PException>(() => new RelayConnector(
            new RelayConnectorOptions { Relays = [new Uri("wss://localhost")], CaFile = certificates.KeyFile })).Code);
        Assert.Equal(P2PErrorCode.InvalidOption, Assert.Throws<P2PException>(() => new RelayConnector(
            new RelayConnectorOptions { Relays = [new Uri("wss://localhost")], CaFile = certificates.KeyFile + ".missing" })).Code);
    }

    private static async Task AcceptedAsync(TestCertificates certificates, Func<RelayConnectorOptions, RelayConnectorOptions> change)
    {
        await using var relay = new ScriptedRelay(certificates.Certificate);
        var connector = new RelayConnector(change(new RelayConnectorOptions { Relays = [relay.Address] }));
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, TestContext.Current.CancellationToken);
        Task<ScriptedConnection> accepted = relay.NextAsync();
        await Task.WhenAny(accepted, joining);
        if (joining.IsFaulted)
            await joining;
        await (await accepted).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    private static async Task<P2PException> RefusedAsync(TestCertificates certificates, Func<RelayConnectorOptions, RelayConnectorOptions> change)
    {
        await using var relay = new ScriptedRelay(certificates.Certificate);
        var connector = new RelayConnector(change(new RelayConnectorOptions { Relays = [relay.Address] }));
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => connector.JoinAsync(DefaultJoin, TestContext.Current.CancellationToken));
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.False(relay.HasMore);
        return e;
    }
}
