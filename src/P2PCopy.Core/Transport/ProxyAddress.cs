namespace P2PCopy.Transport;

/// <summary>The address of a proxy in an option or in the environment.</summary>
internal static class ProxyAddress
{
    /// <summary>The schemes that can be used, for messages.</summary>
    public const string Schemes = "http, https, socks4, socks4a, socks5 or socks5h";

    /// <summary>The value for no proxy, also if the environment names one.</summary>
    public static Uri None { get; } = new("none:");

    /// <summary>Parses an address; null if it is not valid.</summary>
    public static Uri? Parse(string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return None;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && IsUsable(uri) ? uri : null;
    }

    /// <summary>Whether this is the address of a proxy that can be used, or <see cref="None"/>.</summary>
    public static bool IsUsable(Uri proxy) => IsNone(proxy) || (proxy.IsAbsoluteUri && proxy.Host.Length > 0
        && proxy.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5" or "socks5h");

    /// <summary>Whether this stands for no proxy.</summary>
    public static bool IsNone(Uri proxy)
        => proxy.IsAbsoluteUri ? proxy.Scheme == None.Scheme : proxy.OriginalString.Equals("none", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The address in the form of .NET. With <c>socks5h</c> the proxy resolves the name of the relay; .NET always does this and
    /// calls it <c>socks5</c>.
    /// </summary>
    public static Uri ForHandler(Uri proxy)
    {
        bool isSocks5H = proxy.Scheme == "socks5h";
        if (!isSocks5H && !proxy.IsDefaultPort)
            return proxy;
        const int SocksPort = 1080;
        return new UriBuilder(proxy)
        {
            Scheme = isSocks5H ? "socks5" : proxy.Scheme,
            Port = proxy.Port < 0 ? SocksPort : proxy.Port,
        }.Uri;
    }
}
