namespace P2PCopy.Transport;

/// <summary>The address of a proxy, as an option or the environment gives it.</summary>
internal static class ProxyAddress
{
    /// <summary>The schemes that can be used, for messages.</summary>
    public const string Schemes = "http, https, socks4, socks4a, socks5 or socks5h";

    /// <summary>What stands for "no proxy, whatever the environment says".</summary>
    public static Uri None { get; } = new("none:");

    /// <summary>The address that a person wrote; null if it is none.</summary>
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
    /// The address as .NET takes it. With <c>socks5h</c> the proxy finds the address of the relay's name; .NET does the same
    /// with <c>socks5</c> and knows no other name for it.
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
