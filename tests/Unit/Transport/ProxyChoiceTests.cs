using System.Net;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>Which proxy a relay is dialled through: the forms that curl, Go and Python know.</summary>
public sealed class ProxyChoiceTests
{
    private static readonly Uri Relay = new("ws://10.77.0.1:8765");

    [Theory]
    [InlineData("*")]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.77.0.1/8")]
    [InlineData("10.77.0.1")]
    [InlineData("10.77.0.1:8765")]
    [InlineData("example.org, 10.77.0.0/16")]
    [InlineData("example.org 10.77.0.1")]
    public void An_address_in_NO_PROXY_is_dialled_directly(string noProxy) => Assert.Null(Choose(Relay, ("http_proxy", "http://192.0.2.1:3128"), ("no_proxy", noProxy)));

    [Theory]
    [InlineData("11.0.0.0/8")]
    [InlineData("10.77.0.1:8766")]
    [InlineData("10.77.0.1:http")]
    [InlineData("0.77.0.1")]
    [InlineData("")]
    public void Another_entry_does_not_match_it(string noProxy)
        => Assert.Equal(new Uri("http://192.0.2.1:3128"), Choose(Relay, ("http_proxy", "http://192.0.2.1:3128"), ("NO_PROXY", noProxy)));

    [Theory]
    [InlineData("wss://relay.example.org", "example.org", true)]
    [InlineData("wss://relay.example.org", ".example.org", true)]
    [InlineData("wss://relay.example.org", "*.Example.org", true)]
    [InlineData("wss://example.org", ".example.org", true)]
    [InlineData("wss://relay.example.org", "relay.example.org:443", true)]
    [InlineData("wss://relay.example.org", "relay.example.org:8443", false)]
    [InlineData("wss://notexample.org", "example.org", false)]
    [InlineData("wss://example.org.test", "example.org", false)]
    [InlineData("wss://[2001:db8::7]:8765", "2001:db8::/32", true)]
    [InlineData("wss://[2001:db8::7]:8765", "2001:db8::7", true)]
    [InlineData("wss://[2001:db8::7]:8765", "[2001:db8::7]:8765", true)]
    [InlineData("wss://[2001:db8::7]:8765", "[2001:db8::7]:443", false)]
    [InlineData("wss://[::ffff:192.0.2.2]", "[::ffff:192.0.2.2]", true)]
    [InlineData("wss://[::ffff:192.0.2.2]", "192.0.2.0/24", true)]
    public void Names_and_networks_match_as_elsewhere(string relay, string noProxy, bool direct)
        => Assert.Equal(direct, Choose(new Uri(relay), ("HTTPS_PROXY", "http://192.0.2.1:3128"), ("NO_PROXY", noProxy)) is null);

    [Theory]
    [InlineData("192.0.2.1:3128", "http://192.0.2.1:3128/")]
    [InlineData("proxy.example", "http://proxy.example/")]
    [InlineData("socks5://192.0.2.1", "socks5://192.0.2.1:1080/")]
    [InlineData("socks5h://192.0.2.1:9050", "socks5://192.0.2.1:9050/")]
    [InlineData("SOCKS5H://192.0.2.1:9050", "socks5://192.0.2.1:9050/")]
    [InlineData("https://proxy.example:8443", "https://proxy.example:8443/")]
    public void Every_kind_of_proxy_is_used(string variable, string used)
        => Assert.Equal(used, Choose(Relay, ("all_proxy", variable))?.AbsoluteUri);

    [Theory]
    [InlineData("ftp://192.0.2.1:3128")]
    [InlineData("sock5://192.0.2.1:3128")]
    [InlineData("http://alice:geheim@")]
    public void A_proxy_that_cannot_be_used_is_refused_and_never_passed_by(string variable)
    {
        P2PException e = Assert.Throws<P2PException>(() => Choose(Relay, ("http_proxy", variable)));

        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains("http_proxy", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_in_the_variable_is_the_credential_and_not_in_the_address()
    {
        var proxy = (WebProxy)Read(Relay, null, ("http_proxy", "http://alice:ge%20heim@192.0.2.1:3128"))!;

        Assert.Equal("http://192.0.2.1:3128/", proxy.Address!.AbsoluteUri);
        NetworkCredential credential = proxy.Credentials!.GetCredential(proxy.Address, "Basic")!;
        Assert.Equal(("alice", "ge heim"), (credential.UserName, credential.Password));
    }

    [Fact]
    public void The_option_comes_before_the_environment_and_none_is_no_proxy()
    {
        (string, string) environment = ("http_proxy", "ftp://192.0.2.1");

        Assert.Null(Read(Relay, ProxyAddress.Parse("none"), environment));
        Assert.Equal(new Uri("socks5://192.0.2.9:1080"), Read(Relay, ProxyAddress.Parse("socks5h://192.0.2.9"), environment)!.GetProxy(Relay));
        Assert.Null(ProxyAddress.Parse("ftp://192.0.2.9"));
        Assert.Null(ProxyAddress.Parse("192.0.2.9"));
    }

    [Fact]
    public void The_own_machine_and_the_other_scheme_need_no_proxy()
    {
        Assert.Null(Choose(new Uri("ws://127.0.0.1:8765"), ("http_proxy", "http://192.0.2.1:3128")));
        Assert.Null(Choose(Relay, ("https_proxy", "http://192.0.2.1:3128")));
    }

    [Fact]
    public void A_web_server_that_starts_the_program_cannot_choose_the_proxy()
        => Assert.Null(Choose(Relay, ("HTTP_PROXY", "http://192.0.2.1:3128"), ("GATEWAY_INTERFACE", "CGI/1.1"), ("HTTPS_PROXY", "http://192.0.2.1:3128")));

    private static Uri? Choose(Uri relay, params (string Name, string Value)[] environment) => Read(relay, null, environment)?.GetProxy(relay);

    private static IWebProxy? Read(Uri relay, Uri? proxy, params (string Name, string Value)[] environment)
        => new ProxyChoice(
            new RelayConnectorOptions { Relays = [relay], Proxy = proxy },
            name => environment.FirstOrDefault(v => v.Name == name).Value).For(relay);
}
