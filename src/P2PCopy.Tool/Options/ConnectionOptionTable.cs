using System.CommandLine;
using System.Net;
using P2PCopy.Tool.Codes;

namespace P2PCopy.Tool.Options;

/// <summary>How a relay is dialled: names and defaults are those of <see cref="ConnectionOptions"/>.</summary>
internal sealed class ConnectionOptionTable
{
    private static readonly SendOptions Defaults = new();

    public Option<string?> Token { get; } = Define.Text("--token", "token",
        "Bearer token the relay asks for. Environment: P2PCOPY_TOKEN");

    public Option<string?> TokenFile { get; } = Define.Text("--token-file", "file",
        "Read the token from the first line of a file");

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
        "How long one attempt to reach the relay may take");

    public void AddTo(Command command)
    {
        command.Options.Add(Token);
        command.Options.Add(TokenFile);
        command.Options.Add(CaFile);
        command.Options.Add(PinnedCertificate);
        command.Options.Add(SkipCertificateCheck);
        command.Options.Add(Proxy);
        command.Options.Add(ProxyCredential);
        command.Options.Add(ConnectionTimeout);
        command.Validators.Add(Secret.GivenOnce(Token, TokenFile));
    }

    public T Apply<T>(T options, ParseResult result, ToolHost host)
        where T : ConnectionOptions
        => options with
        {
            Token = Secret.Find(result.GetValue(Token), ("--token-file", result.GetValue(TokenFile)), host.Variable("P2PCOPY_TOKEN")),
            CaFile = result.GetValue(CaFile),
            PinnedCertificate = result.GetValue(PinnedCertificate),
            SkipCertificateCheck = result.GetValue(SkipCertificateCheck),
            Proxy = result.GetValue(Proxy) is { } proxy ? ParseUri("--proxy", proxy, "http", "https") : null,
            ProxyCredential = Credential(result.GetValue(ProxyCredential)),
            ConnectionTimeoutSeconds = result.GetValue(ConnectionTimeout),
        };

    /// <summary>The relays that are given, or those of the environment.</summary>
    public static Uri[] Relays(string[]? given, ToolHost host)
    {
        given ??= [];
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
