using System.Net;
using System.Text.RegularExpressions;

namespace P2PCopy.Transport;

/// <summary>
/// The proxies of <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>, read as curl, Go and Python
/// read them. .NET ignores a proxy with a scheme that it does not know and connects directly; that is refused here.
/// </summary>
internal sealed partial class EnvironmentProxy
{
    private readonly Func<string, string?> _variable;
    private readonly NoProxyList _exceptions;

    private EnvironmentProxy(Func<string, string?> variable)
    {
        _variable = variable;
        _exceptions = new NoProxyList(Value("NO_PROXY").Value ?? string.Empty);
    }

    /// <summary>The settings; null if the environment names no proxy.</summary>
    /// <param name="variable">Reads a variable of the environment; null if it is not set.</param>
    public static EnvironmentProxy? Read(Func<string, string?> variable)
    {
        var proxy = new EnvironmentProxy(variable);
        return proxy.Value("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY").Value is null ? null : proxy;
    }

    /// <summary>The proxy for an address, with the user and password that the variable may hold; null if there is none.</summary>
    /// <exception cref="P2PException">The variable holds no usable address.</exception>
    public WebProxy? For(Uri address)
    {
        if (_exceptions.Matches(address))
            return null;
        (string name, string? text) = Value(address.Scheme is "wss" or "https" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY");
        if (text is null)
            return null;

        // A bare host and port stands for an HTTP proxy. The text may hold a password, so a message shows only its scheme.
        if (!Uri.TryCreate(Scheme().IsMatch(text) ? text : "http://" + text, UriKind.Absolute, out Uri? proxy) || proxy.Host.Length == 0)
            throw Invalid(name, "does not have a valid address");
        if (!ProxyAddress.IsUsable(proxy))
            throw Invalid(name, $"has the scheme {RelayProtocol.Printable(proxy.Scheme)}");
        string[] user = proxy.UserInfo.Split(':', 2);
        return new WebProxy(ProxyAddress.ForHandler(new UriBuilder(proxy) { UserName = string.Empty, Password = string.Empty }.Uri))
        {
            Credentials = user[0].Length == 0
                ? null
                : new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : string.Empty),
        };
    }

    /// <summary>The first variable that is set, in lower case or upper case.</summary>
    private (string Name, string? Value) Value(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            foreach (string form in (string[])[name.ToLowerInvariant(), name])
            {
                if (!IsRequestHeader(form) && _variable(form)?.Trim() is { Length: > 0 } value)
                    return (form, value);
            }
        }

        return (string.Empty, null);
    }

    // In a CGI program HTTP_PROXY is a header of the request, so a client could choose the proxy (httpoxy.org).
    private bool IsRequestHeader(string name) => name == "HTTP_PROXY" && _variable("GATEWAY_INTERFACE") is not null;

    private static P2PException Invalid(string variable, string problem) => new(
        P2PErrorCode.InvalidOption,
        $"The proxy in the variable {variable} {problem}.")
    {
        Hint = $"Set an address such as http://proxy.example.org:3128, with {ProxyAddress.Schemes}, or set `Proxy` to another proxy or to `none`.",
    };

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://")]
    private static partial Regex Scheme();
}
