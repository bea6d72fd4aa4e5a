using System.CommandLine;
using System.Net;
using P2PCopy.Primitives;
using P2PCopy.Transfer;

namespace P2PCopy.Tool.Options;

/// <summary>What <c>send</c> and <c>receive</c> share: names and defaults are those of <see cref="TransferOptions"/>.</summary>
internal sealed class TransferOptionTable
{
    private static readonly SendOptions Defaults = new();

    public Option<string[]> Relay { get; } = Define.Texts("--relay", "uri",
        "Relay to dial, wss://host[/prefix] or ws://host:port; several are tried in order. Environment: P2PCOPY_RELAY");

    public Option<string?> Code { get; } = Define.Text("--code", "code",
        "The shared code, or - to read it from standard input. Other users may see your command line: better P2PCOPY_CODE");

    public Option<string?> Token { get; } = Define.Text("--token", "token",
        "Bearer token the relay asks for. Environment: P2PCOPY_TOKEN");

    public Option<PayloadEncryption> Encryption { get; } = Define.Choice("--encryption", Defaults.Encryption,
        "Whether file content is encrypted; off must be set on both sides");

    public Option<string?> CaFile { get; } = Define.Text("--ca-file", "file",
        "PEM file of certificate authorities to trust instead of the system's");

    public Option<string?> PinnedCertificate { get; } = Define.Text("--pinned-certificate", "sha256",
        "The only relay certificate to accept, by its SHA-256 in hex");

    public Option<bool> SkipCertificateCheck { get; } = Define.Flag("--skip-certificate-check",
        "Accept any relay certificate");

    public Option<string?> Proxy { get; } = Define.Text("--proxy", "uri",
        "HTTP proxy to dial through [default: system settings]");

    public Option<string?> ProxyCredential { get; } = Define.Text("--proxy-credential", "user:password",
        "User and password for the proxy");

    public Option<int> ConnectionTimeout { get; } = Define.Seconds("--connection-timeout", Defaults.ConnectionTimeoutSeconds, 1, 3600,
        "For one attempt to reach the relay");

    public Option<int> WaitTimeout { get; } = Define.Seconds("--wait-timeout", Defaults.WaitTimeoutSeconds, 0, int.MaxValue,
        "To wait for the other side; 0 waits for ever");

    public Option<int> RetryTimeout { get; } = Define.Seconds("--retry-timeout", Defaults.RetryTimeoutSeconds, 0, int.MaxValue,
        "To go on trying after a lost connection");

    public Option<int> SilenceTimeout { get; } = Define.Seconds("--silence-timeout", Defaults.SilenceTimeoutSeconds, 5, 3600,
        "Without a sign of the other side until a connection counts as lost");

    public void AddTo(Command command)
    {
        command.Options.Add(Relay);
        command.Options.Add(Code);
        command.Options.Add(Token);
        command.Options.Add(Encryption);
        command.Options.Add(CaFile);
        command.Options.Add(PinnedCertificate);
        command.Options.Add(SkipCertificateCheck);
        command.Options.Add(Proxy);
        command.Options.Add(ProxyCredential);
        command.Options.Add(ConnectionTimeout);
        command.Options.Add(WaitTimeout);
        command.Options.Add(RetryTimeout);
        command.Options.Add(SilenceTimeout);
    }

    /// <summary>The options with everything of this table but the code, which may have to be asked for.</summary>
    public T Apply<T>(T options, ParseResult result, ToolHost host)
        where T : TransferOptions
        => options with
        {
            Relay = Relays(result, host),
            Token = result.GetValue(Token) ?? host.Variable("P2PCOPY_TOKEN"),
            Encryption = result.GetValue(Encryption),
            CaFile = result.GetValue(CaFile),
            PinnedCertificate = result.GetValue(PinnedCertificate),
            SkipCertificateCheck = result.GetValue(SkipCertificateCheck),
            Proxy = result.GetValue(Proxy) is { } proxy ? ParseUri("--proxy", proxy, "http", "https") : null,
            ProxyCredential = Credential(result.GetValue(ProxyCredential)),
            ConnectionTimeoutSeconds = result.GetValue(ConnectionTimeout),
            WaitTimeoutSeconds = result.GetValue(WaitTimeout),
            RetryTimeoutSeconds = result.GetValue(RetryTimeout),
            SilenceTimeoutSeconds = result.GetValue(SilenceTimeout),
        };

    private Uri[] Relays(ParseResult result, ToolHost host)
    {
        string[] given = result.GetValue(Relay) ?? [];
        if (given.Length == 0 && host.Variable("P2PCOPY_RELAY") is { } variable)
            given = variable.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(given, text => ParseUri("--relay", text, "wss", "ws"));
    }

    private static Uri ParseUri(string option, string text, params string[] schemes)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && schemes.Contains(uri.Scheme) && uri.Host.Length > 0)
            return uri;

        throw new P2PException(P2PErrorCode.InvalidOption,
            $"{option} takes an address such as {schemes[0]}://host.example, not '{text}'.");
    }

    private static NetworkCredential? Credential(string? text)
    {
        if (text is null)
            return null;

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new NetworkCredential(text, string.Empty) : new NetworkCredential(text[..colon], text[(colon + 1)..]);
    }
}
