using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace P2PCopy.Transport;

/// <summary>Makes one attempt at one relay, and turns every way it can fail into a sentence.</summary>
internal sealed partial class RelayDialer
{
    private static readonly TimeSpan s_balancerPause = TimeSpan.FromSeconds(1);

    private readonly RelayConnectorOptions _options;
    private readonly ServerCertificateCheck _certificates;
    private readonly ProxiedUpgrade _proxied;

    public RelayDialer(RelayConnectorOptions options)
    {
        _options = options;
        _certificates = new ServerCertificateCheck(options);
        _proxied = new ProxiedUpgrade(options);
    }

    /// <summary>Dials, upgrades and waits for the first hint, all within the connection time-out.</summary>
    public async Task<DialResult> DialAsync(Uri relay, RoomJoin join, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(_options.ConnectionTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        WebSocket? socket = null;
        SeenCertificate? certificate = null;
        try
        {
            UpgradeAnswer answer = await UpgradeAsync(relay, join, seen => certificate = seen, both.Token).ConfigureAwait(false);
            socket = answer.Socket;
            if (socket is null)
                return new DialResult(Answered(relay, answer)) { Certificate = certificate };

            var channel = new WebSocketChannel(socket);
            RelayHint first = await channel.ReceiveHintAsync(both.Token).ConfigureAwait(false);
            string version = RelayProtocol.Printable(answer.Header(RelayProtocol.VersionHeader));
            return new DialResult(channel, first) { Certificate = certificate, RelayVersion = version.Length > 0 ? version : null };
        }
        catch (Exception e)
        {
            socket?.Abort();
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return new DialResult(Explain(relay, socket, e, certificate, bound.IsCancellationRequested)) { Certificate = certificate };
        }
    }

    /// <summary>How an address is shown: without anything but scheme, host, port and prefix.</summary>
    public static string Show(Uri relay) => relay.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private Task<UpgradeAnswer> UpgradeAsync(Uri relay, RoomJoin join, Action<SeenCertificate> certificateSeen, CancellationToken cancellationToken)
    {
        Uri address = RoomAddress(relay, join);
        SslClientAuthenticationOptions Tls() => _certificates.CreateOptions(relay.IdnHost, certificateSeen);
        return _proxied.IsNeeded(address)
            ? _proxied.ConnectAsync(address, Tls(), cancellationToken)
            : DirectUpgrade.ConnectAsync(address, address.Scheme == "wss" ? Tls() : null, _options.Token, cancellationToken);
    }

    private static Uri RoomAddress(Uri relay, RoomJoin join)
    {
        bool secure = relay.Scheme is "wss" or "https";
        return new UriBuilder(relay)
        {
            Scheme = secure ? "wss" : "ws",
            Port = relay.IsDefaultPort ? -1 : relay.Port,
            Path = relay.AbsolutePath.TrimEnd('/') + RelayProtocol.RoomPath + join.Room,
            Query = $"role={(join.Role == PeerRole.Send ? "send" : "receive")}&member={join.Member}",
        }.Uri;
    }

    private DialFailure Explain(Uri relay, WebSocket? socket, Exception e, SeenCertificate? certificate, bool timedOut)
    {
        string address = Show(relay);
        if (certificate is { IsAccepted: false })
            return Unreachable($"The relay {address} is not trusted: {certificate.Problem}.", e);
        if (timedOut)
            return Unreachable(string.Create(CultureInfo.InvariantCulture, $"The relay {address} did not answer within {_options.ConnectionTimeout.TotalSeconds:0.#} s; check the address, the network and any proxy, or raise `ConnectionTimeout`."), e);
        if (e is ChannelClosedException)
            return Closed(address, socket, e);

        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case WebSocketException { WebSocketErrorCode: WebSocketError.UnsupportedProtocol }:
                    return Unreachable($"The relay {address} speaks another protocol than this version of P2PCopy. Update whichever of the two is older, or check that a relay listens there.", e);
                case AuthenticationException:
                    return Unreachable($"TLS with the relay {address} failed: {RelayProtocol.Printable(cause.InnerException?.Message ?? cause.Message)} Check that this port speaks TLS (wss) and which versions it allows.", e);
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } tunnel:
                    // Its message shows the proxy's address with the password that HTTPS_PROXY may hold, so neither it nor
                    // the exception goes on.
                    return Unreachable($"The proxy did not open a way to the relay {address}: {RelayProtocol.Printable(UserInfo().Replace(tunnel.Message, "//"))} Check `Proxy` and `ProxyCredential`.", null);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException proxy } when _proxied.IsNeeded(relay):
                    return Unreachable($"The proxy to the relay {address} could not be reached: {proxy.Message.TrimEnd('.')}. Check `Proxy`, or HTTPS_PROXY, and that the proxy runs.", e);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return Unreachable($"The name of the relay {address}, or of the proxy to it, was not found; check the spelling and the name service.", e);
                case SocketException network:
                    return Unreachable($"The relay {address} could not be reached: {network.Message.TrimEnd('.')}. Check the address, that the relay runs, and firewalls between.", e);
            }
        }

        return Unreachable($"The relay {address} did not answer as a relay: {RelayProtocol.Printable(e.InnerException?.Message ?? e.Message)} Check the address and that a relay listens there.", e);
    }

    private static DialFailure Answered(Uri relay, UpgradeAnswer answer)
    {
        string address = Show(relay);
        int status = answer.Status;
        Exception? e = answer.Cause;
        TimeSpan? retryAfter = answer.Header("Retry-After") is { } seconds && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            ? TimeSpan.FromSeconds(Math.Min(n, 3600))
            : null;
        string reason = RelayProtocol.Printable(answer.Header(RelayProtocol.RefusedHeader));
        // A balancer that has just lost a relay and not yet found another says so without a word of ours.
        if (status == 503 && reason.Length == 0)
            retryAfter ??= s_balancerPause;
        if (status == 407)
            return Unreachable($"The proxy to the relay {address} asks for a user and a password; give them in `ProxyCredential`.", e);
        return reason.Length > 0
            ? new DialFailure(P2PErrorCode.RelayRefused, $"The relay {address} refused: {reason}", status, retryAfter, e)
            : new DialFailure(P2PErrorCode.RelayConnectFailed, $"{address} answered HTTP {status}, which no relay said; check the address, its path, and the proxy in front of it.", status, retryAfter, e);
    }

    private static DialFailure Closed(string address, WebSocket? socket, Exception e)
        => socket?.CloseStatus is { } status
            ? new DialFailure(P2PErrorCode.RelayRefused, $"The relay {address} closed the connection ({(int)status}): {RelayProtocol.Printable(socket.CloseStatusDescription)}", 0, null, e)
            : Unreachable($"The relay {address} took the connection and dropped it; check that no proxy between cuts WebSockets.", e);

    private static DialFailure Unreachable(string message, Exception? cause)
        => new(P2PErrorCode.RelayConnectFailed, message, 0, null, cause);

    [GeneratedRegex("//[^/\\s]*@")]
    private static partial Regex UserInfo();
}

/// <summary>What came of one attempt: a channel with its first hint, or a failure.</summary>
internal sealed class DialResult
{
    public DialResult(WebSocketChannel channel, RelayHint first)
    {
        Channel = channel;
        First = first;
    }

    public DialResult(DialFailure failure) => Failure = failure;

    public WebSocketChannel? Channel { get; }

    public RelayHint First { get; }

    public DialFailure? Failure { get; }

    /// <summary>The relay's certificate; null without TLS, or when it did not come so far.</summary>
    public SeenCertificate? Certificate { get; init; }

    /// <summary>What the relay says about its version; null when it says nothing.</summary>
    public string? RelayVersion { get; init; }
}

/// <summary>Why an attempt failed.</summary>
/// <param name="Code">Refused or not reached.</param>
/// <param name="Message">The whole sentence.</param>
/// <param name="Status">The HTTP status of a refusal; 0 for anything else.</param>
/// <param name="RetryAfter">What the relay asked for.</param>
/// <param name="Cause">The exception behind it.</param>
internal sealed record DialFailure(P2PErrorCode Code, string Message, int Status, TimeSpan? RetryAfter, Exception? Cause)
{
    /// <summary>Another relay, or this one later, may well let us in.</summary>
    public bool IsPassing => Status is 0 or 404 or 429 or >= 500;

    /// <summary>When to come back to a relay that is full, about to be replaced, or lets only so many in a minute; null when it is not that.</summary>
    public TimeSpan? BusyFor => Status is 429 or 503 ? RetryAfter : null;

    /// <summary>The failure as an exception.</summary>
    public P2PException Error => new(Code, Message, Cause);

    /// <summary>The failure as what a join throws: that of an occupied place is one that a caller may wait out.</summary>
    public Exception ToException() => Status == (int)HttpStatusCode.Conflict ? new RoomOccupiedException(Error) : Error;
}
