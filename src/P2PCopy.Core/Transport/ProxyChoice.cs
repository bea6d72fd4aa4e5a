using System.Net;

namespace P2PCopy.Transport;

/// <summary>Decides which proxy a relay is dialled through: that of the option, of the environment, or of the system.</summary>
/// <param name="options">The options.</param>
/// <param name="variable">Reads a variable of the environment.</param>
internal sealed class ProxyChoice(RelayConnectorOptions options, Func<string, string?> variable)
{
    private readonly EnvironmentProxy? _environment = options.Proxy is null ? EnvironmentProxy.Read(variable) : null;

    /// <summary>The proxy for a relay; null dials it directly.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: the environment names a proxy that cannot be used.</exception>
    public IWebProxy? For(Uri relay)
    {
        if (options.Proxy is { } chosen)
            return ProxyAddress.IsNone(chosen) ? null : new WebProxy(ProxyAddress.ForHandler(chosen)) { Credentials = options.ProxyCredential };

        // A proxy on another machine cannot reach this machine's loopback, where an embedded relay listens.
        if (relay.IsLoopback)
            return null;
        if (_environment is not null)
        {
            WebProxy? proxy = _environment.For(relay);
            if (proxy is not null && options.ProxyCredential is { } credential)
                proxy.Credentials = credential;
            return proxy;
        }

        IWebProxy system = HttpClient.DefaultProxy;
        if (system.IsBypassed(relay) || system.GetProxy(relay) is null)
            return null;
        return options.ProxyCredential is { } own ? new WebProxy(system.GetProxy(relay)) { Credentials = own } : system;
    }
}
