using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Tool.Display;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>A relay on a terminal says who may use it, and the command of a client.</summary>
public sealed class RelayGreetingTests
{
    [Fact]
    public async Task Without_a_limit_every_client_may_use_it()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        string[] lines = [.. RelayGreeting.Of(relay.Server)];
        Assert.Contains("Every client may use this relay; --token-file and --allowed-addresses limit it.", lines);
        Assert.Contains($"    p2pcopy send PATH --relay {relay.Address.AbsoluteUri.TrimEnd('/')}", lines);
    }

    [Fact]
    public async Task With_tokens_addresses_and_a_certificate_the_command_has_its_name_and_a_token()
    {
        using var certificates = new TestCertificates("relay.example.org");
        await using TestRelay relay = await TestRelay.StartAsync(o => o with
        {
            Certificate = certificates.CertificateFile,
            Key = certificates.KeyFile,
            Token = "secret-token",
            AllowedAddresses = ["192.0.2.0/24", "2001:db8::/32"],
        });
        string[] lines = [.. RelayGreeting.Of(relay.Server)];
        Assert.Contains("Clients with the token from 192.0.2.0/24, 2001:db8::/32 may use this relay.", lines);
        Assert.Contains($"    p2pcopy send PATH --relay wss://relay.example.org:{relay.Address.Port} --token-file FILE", lines);
        Assert.DoesNotContain("secret-token", string.Concat(lines), StringComparison.Ordinal);
    }
}
