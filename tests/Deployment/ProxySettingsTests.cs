using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Tests.Unit.Transport;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// The tool as a process with the environment of a machine that has a proxy, and with the certificates and relays that
/// people give it. For a loopback address no proxy is asked, so the relay is dialled by a name for this machine that does
/// not look like one.
/// </summary>
public class ProxySettingsTests
{
    private const string Host = "[::ffff:127.0.0.2]";
    private const string Code = "proxy1-correct-horse-battery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP_PROXY", false, null, true)]
    [InlineData("http_proxy", false, null, true)]
    [InlineData("HTTPS_PROXY", true, null, true)]
    [InlineData("ALL_PROXY", false, null, true)]
    [InlineData("HTTPS_PROXY", false, null, false)]
    [InlineData("HTTP_PROXY", false, Host, false)]
    [InlineData("HTTPS_PROXY", true, "example.org," + Host, false)]
    public async Task The_environment_says_which_proxy_the_tool_uses_and_for_what_none(string variable, bool secure, string? noProxy, bool used)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere 127.0.0.2 is not there by itself.");
        string program = Daemon.Find("tinyproxy");
        using var pair = new TransferPair();
        using TestCertificates? certificates = secure ? new TestCertificates() : null;
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Listen = ["127.0.0.2:0"], Certificate = certificates?.CertificateFile, Key = certificates?.KeyFile });
        int port = Daemon.FreePort();
        await using Daemon proxy = await Daemon.StartAsync(
            program, port, [("tinyproxy.conf", $"Port {port}\nListen 127.0.0.1\nTimeout 600\nLogLevel Connect\nMaxClients 50\nAllow 127.0.0.1\n")], "-d", "-c", "@FOLDER@/tinyproxy.conf");

        var environment = new Dictionary<string, string> { [variable] = $"http://127.0.0.1:{port}" };
        if (noProxy is not null)
            environment["NO_PROXY"] = noProxy;
        string address = $"{relay.Address.Scheme}://{Host}:{relay.Address.Port}";
        await CopyAsync(pair, relay.Address, certificates?.Fingerprint, environment, ["--relay", address, .. secure ? (string[])["--pinned-certificate", certificates!.Fingerprint] : []]);

        Assert.Equal(used, proxy.Output.Contains($"CONNECT {Host}:{relay.Address.Port}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_authority_of_ones_own_and_a_pinned_certificate_are_accepted()
    {
        using var certificates = new TestCertificates();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile });
        foreach (string[] trust in (string[][])[["--ca-file", certificates.CertificateFile], ["--pinned-certificate", certificates.Fingerprint]])
        {
            using var pair = new TransferPair();
            await CopyAsync(pair, relay.Address, certificates.Fingerprint, new Dictionary<string, string>(), ["--relay", $"wss://localhost:{relay.Address.Port}", .. trust]);
        }
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_ends_the_tool_with_5_and_says_what_to_do()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        using var pair = new TransferPair();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile });
        foreach ((string[] trust, string says) in ((string[], string)[])
            [([], "--pinned-certificate to the SHA-256 that the operator of the relay gives you"), (["--ca-file", others.CertificateFile], "does not come from an authority in --ca-file"), (["--pinned-certificate", others.Fingerprint], "not the one in --pinned-certificate")])
        {
            await using DeployedTool tool = Send(pair, new Dictionary<string, string>(), ["--relay", $"wss://localhost:{relay.Address.Port}", .. trust]);
            Assert.Equal(5, await tool.WaitAsync());
            Assert.Contains(says, tool.Output);
            if (trust.Length == 0)
                Assert.DoesNotContain(certificates.Fingerprint, tool.Output, StringComparison.OrdinalIgnoreCase); // not as advice to paste
            Assert.Contains("[RelayConnectFailed]", tool.Output);
        }
    }

    [Fact]
    public async Task Both_sides_meet_at_the_first_relay_of_their_list_that_answers()
    {
        using var pair = new TransferPair();
        await using TestRelay relay = await TestRelay.StartAsync();
        string gone = $"ws://127.0.0.1:{Daemon.FreePort()}";
        await CopyAsync(pair, relay.Address, null, new Dictionary<string, string> { ["P2PCOPY_RELAY"] = $"{gone},{relay.Address}" }, []);
        using var another = new TransferPair();
        await CopyAsync(another, relay.Address, null, new Dictionary<string, string>(), ["--relay", gone, "--relay", relay.Address.OriginalString]);
    }

    [Fact]
    public async Task A_proxys_password_in_the_environment_never_shows_up_in_an_error()
    {
        using var pair = new TransferPair();
        await using var proxy = new ScriptedRelay();
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = $"http://alice:geheim@127.0.0.1:{proxy.Port}" };
        await using DeployedTool tool = Send(pair, environment, ["--relay", "wss://relay.example.org"]);
        using (ScriptedConnection asked = await proxy.NextAsync())
            await asked.RefuseAsync("403 Forbidden");

        Assert.Equal(5, await tool.WaitAsync());
        Assert.Contains("The proxy did not open a connection to the relay wss://relay.example.org", tool.Output, StringComparison.Ordinal);
        Assert.Contains("403", tool.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", tool.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", tool.Output, StringComparison.Ordinal);
    }

    private static DeployedTool Send(TransferPair pair, Dictionary<string, string> environment, string[] arguments)
    {
        environment["P2PCOPY_CODE"] = Code;
        return DeployedTool.Start(environment, ["send", pair.Write("source/file", [1, 2, 3]), .. arguments]);
    }

    private static async Task CopyAsync(TransferPair pair, Uri relay, string? pin, Dictionary<string, string> environment, string[] arguments)
    {
        await using DeployedTool tool = Send(pair, environment, arguments);
        Task<Outcome> receiving = Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            new ReceiveOptions { Destination = pair.Destination, Code = PairingCode.Parse(Code), Relays = [relay], PinnedCertificate = pin, WaitTimeout = TimeSpan.FromSeconds(50) }, cancellationToken: Cancel));
        int status = await tool.WaitAsync();
        Assert.True(status == 0, $"{status}: {tool.Output}");
        Assert.True((await receiving).Succeeded);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(pair.Destination, "file"), Cancel));
    }
}
