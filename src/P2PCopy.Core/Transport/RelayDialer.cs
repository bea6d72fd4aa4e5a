using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace P2PCopy.Transport;

/// <summary>Makes one attempt at one relay and explains a failure in a sentence.</summary>
internal sealed partial class RelayDialer
{
    private static readonly TimeSpan BalancerPause = TimeSpan.FromSeconds(1);

    private readonly RelayConnectorOptions _options;
    private readonly ServerCertificateCheck _certificates;
    private readonly ProxyChoice _proxies;
    private readonly TcpDialer _dialer;

    /// <summary>Reads the settings that the options and the environment name.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: one of them cannot be used.</exception>
    public RelayDialer(RelayConnectorOptions options)
    {
        _options = options;
        _certificates = new ServerCertificateCheck(options);
        _proxies = new ProxyChoice(options, Environment.GetEnvironmentVariable);
        _dialer = new TcpDialer(options.TimeProvider);
        foreach (Uri relay in options.Relays)
            _ = _proxies.For(relay);
    }

    /// <summary>Connects, upgrades and waits for the first hint, within the connection time-out.</summary>
    public Task<DialResult> DialAsync(Uri relay, RoomJoin join, CancellationToken cancellationToken)
        => DialAsync(relay, join, _dialer, cancellationToken);

    /// <summary>Connects from a local port over IPv4, without a proxy, so that the first hint tells where the relay sees the port.</summary>
    public async Task<DialResult> ObserveAsync(Uri relay, RoomJoin join, int localPort, CancellationToken cancellationToken)
        => _proxies.For(relay) is null
            ? await DialAsync(relay, join, TcpDialer.From(localPort, _options.TimeProvider), cancellationToken).ConfigureAwait(false)
            : new DialResult(Final($"The relay {Show(relay)} is behind a proxy.", null, null));

    private async Task<DialResult> DialAsync(Uri relay, RoomJoin join, TcpDialer dialer, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(_options.ConnectionTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        WebSocket? socket = null;
        SeenCertificate? certificate = null;
        try
        {
            UpgradeAnswer answer = await UpgradeAsync(relay, join, dialer, seen => certificate = seen, both.Token).ConfigureAwait(false);
            socket = answer.Socket;
            if (socket is null)
                return new DialResult(Answered(relay, answer)) { Certificate = certificate };

            var channel = new WebSocketChannel(socket, _options.TimeProvider, answer.Network);
            RelayHint first = await channel.ReceiveHintAsync(both.Token).ConfigureAwait(false);
            string version = RelayProtocol.Printable(answer.Header(RelayProtocol.VersionHeader));
            return new DialResult(channel, first) { Certificate = certificate, RelayVersion = version.Length > 0 ? version : null };
        }
        catch (Exception e)
        {
            socket?.Abort();
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (P2PException.IsOutOfMemory(e))
                throw P2PException.Of(e); // another attempt would end in the same way, and the relay is not the cause
            return new DialResult(Explain(relay, socket, e, certificate, bound.IsCancellationRequested)) { Certificate = certificate };
        }
    }

    /// <summary>An address as messages show it.</summary>
    public static string Show(Uri relay) => RelayAddress.Show(relay);

    private Task<UpgradeAnswer> UpgradeAsync(Uri relay, RoomJoin join, TcpDialer dialer, Action<SeenCertificate> certificateSeen, CancellationToken cancellationToken)
    {
        Uri address = RelayAddress.ForRoom(relay, join);
        string? token = _options.TokenFor(relay);
        SslClientAuthenticationOptions Tls() => _certificates.CreateOptions(relay.IdnHost, certificateSeen);
        return _proxies.For(relay) is { } proxy
            ? ProxiedUpgrade.ConnectAsync(address, Tls(), token, proxy, dialer, cancellationToken)
            : DirectUpgrade.ConnectAsync(address, address.Scheme == "wss" ? Tls() : null, token, dialer, cancellationToken);
    }

    private DialFailure Explain(Uri relay, WebSocket? socket, Exception e, SeenCertificate? certificate, bool timedOut)
    {
        string address = Show(relay);
        if (certificate is { IsAccepted: false })
            return Final($"The relay {address} is not trusted: {certificate.Problem}.", certificate.Advice, e);
        if (timedOut)
            return Lost(string.Create(CultureInfo.InvariantCulture, $"The relay {address} did not answer within {_options.ConnectionTimeout.TotalSeconds:0.#} s."), "Check the address, the network and any proxy, or raise `ConnectionTimeout`.", e);
        if (e is ChannelClosedException)
            return Closed(address, socket, e);

        bool isTransient = false;
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            isTransient |= cause is IOException or WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely };
            switch (cause)
            {
                case WebSocketException { WebSocketErrorCode: WebSocketError.UnsupportedProtocol }:
                    return Final($"The relay {address} does not speak the protocol of this version of P2PCopy.", "Update the older of the two, or check that a relay listens at this address.", e);
                case AuthenticationException:
                    return Final($"TLS with the relay {address} failed: {Inner(cause.InnerException?.Message ?? cause.Message)}.", "Check that this port speaks TLS (wss), and which versions of TLS it allows.", e);
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } tunnel:
                    // Its message may contain the password of HTTPS_PROXY, so the password is removed and the exception dropped.
                    return Final($"The proxy did not open a connection to the relay {address}: {Inner(UserInfo().Replace(tunnel.Message, "//"))}.", "Check `Proxy` and `ProxyCredential`.", null);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException proxy } when _proxies.For(relay) is not null:
                    return Lost($"The proxy to the relay {address} could not be reached: {proxy.Message.TrimEnd('.')}.", "Check `Proxy` or HTTPS_PROXY, and that the proxy runs.", e);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } name:
                    return Lost($"The name of the relay {address}, or of the proxy to it, was not found.", "Check the spelling and the name service (DNS).", e)
                        with
                    { IsTransient = name.SocketErrorCode == SocketError.TryAgain };
                case SocketException network:
                    return Lost($"The relay {address} could not be reached: {network.Message.TrimEnd('.')}.", "Check the address, that the relay runs, and the firewalls between this machine and the relay.", e);
            }
        }

        return Final($"The relay {address} did not answer as a relay: {Inner(e.InnerException?.Message ?? e.Message)}.", "Check the address, and that a relay listens there.", e)
            with
        { IsTransient = isTransient };
    }

    private DialFailure Answered(Uri relay, UpgradeAnswer answer)
    {
        string address = Show(relay);
        int status = answer.Status;
        TimeSpan? retryAfter = answer.Header("Retry-After") is { } seconds && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            ? TimeSpan.FromSeconds(Math.Min(n, 3600))
            : null;
        string reason = RelayProtocol.Printable(answer.Header(RelayProtocol.RefusedHeader));
        // A load balancer answers 503 without the header of a relay until it has found another relay.
        if (status == 503 && reason.Length == 0)
            retryAfter ??= BalancerPause;
        if (status == 407)
            return Final($"The proxy to the relay {address} requires a user and a password.", "Set `ProxyCredential`.", null);
        return reason.Length > 0
            ? new DialFailure(P2PErrorCode.RelayRefused, $"The relay {address} refused: {reason}", status, retryAfter, null) { Hint = Advice(relay, status) }
            : new DialFailure(P2PErrorCode.RelayConnectFailed, $"{address} answered HTTP {status}, and the answer is not from a relay.", status, retryAfter, null)
            {
                IsTransient = status is 502 or 503 or 504,
                Hint = "Check the address, its path, and the proxy in front of the relay.",
            };
    }

    /// <summary>What to do about a refusal. The relay sends only the reason; clients of each kind name their options.</summary>
    private string? Advice(Uri relay, int status) => status switch
    {
        401 when _options.Token is null => "Set `Token` or P2PCOPY_TOKEN.",
        401 when _options.TokenFor(relay) is null => "`Token` is sent only to the first relay of the list; name this relay in `TokenRelays` if it may have the token.",
        401 => "Check `Token` or P2PCOPY_TOKEN.",
        403 => "Check the code and the address of the relay, or ask the operator of the relay.",
        409 => "Use another code, or end the other program that uses this one.",
        429 or 503 => "Wait and try again, or use another relay.",
        400 or 404 or 405 or 426 => "Check the address, and the proxy in front of the relay.",
        431 => "Use a shorter `Token`, or check which headers a proxy adds.",
        _ => null,
    };

    private static DialFailure Closed(string address, WebSocket? socket, Exception e)
        => socket?.CloseStatus is { } status
            ? new DialFailure(P2PErrorCode.RelayRefused, $"The relay {address} closed the connection ({(int)status}): {RelayProtocol.Printable(socket.CloseStatusDescription)}", 0, null, e) { IsTransient = status == RelayProtocol.Draining }
            : Lost($"The relay {address} accepted the connection and dropped it.", "Check that no proxy between this machine and the relay ends WebSockets.", e);

    /// <summary>A failure that a new attempt may not meet.</summary>
    private static DialFailure Lost(string message, string hint, Exception? cause)
        => new(P2PErrorCode.RelayConnectFailed, message, 0, null, cause) { IsTransient = true, Hint = hint };

    /// <summary>A failure that every attempt meets until a setting changes.</summary>
    private static DialFailure Final(string message, string? hint, Exception? cause)
        => new(P2PErrorCode.RelayConnectFailed, message, 0, null, cause) { Hint = hint };

    private static string Inner(string message) => RelayProtocol.Printable(message).TrimEnd('.');

    [GeneratedRegex("//[^/\\s]*@")]
    private static partial Regex UserInfo();
}

/// <summary>The result of one attempt: a channel with its first hint, or a failure.</summary>
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

    /// <summary>The relay's certificate; null without TLS, or if the attempt ended before.</summary>
    public SeenCertificate? Certificate { get; init; }

    /// <summary>The version of the relay; null if the relay does not state it.</summary>
    public string? RelayVersion { get; init; }
}

/// <summary>The failure of an attempt.</summary>
/// <param name="Code">The relay refused, or could not be reached.</param>
/// <param name="Message">One sentence: what was tried and what happened.</param>
/// <param name="Status">The HTTP status of a refusal; 0 for anything else.</param>
/// <param name="RetryAfter">The time that the relay asked to wait.</param>
/// <param name="Cause">The exception that caused it; null if there is none or it must not be shown.</param>
internal sealed record DialFailure(P2PErrorCode Code, string Message, int Status, TimeSpan? RetryAfter, Exception? Cause)
{
    /// <summary>Whether a new attempt at this relay may succeed without a change.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether another relay may admit this side.</summary>
    public bool IsPassing => Status is 0 or 404 or 429 or >= 500;

    /// <summary>What to do about it; null if there is no advice.</summary>
    public string? Hint { get; init; }

    /// <summary>When to try again at a relay that is full, draining, or limits the joins of a minute; null for other failures.</summary>
    public TimeSpan? BusyFor => Status is 429 or 503 ? RetryAfter : null;

    /// <summary>The failure as an exception.</summary>
    public P2PException Error => new(Code, Message, Cause) { Hint = Hint };

    /// <summary>The failure as a join throws it. An occupied room has an exception of its own, because a caller may wait for it.</summary>
    public Exception ToException() => Status == (int)HttpStatusCode.Conflict ? new RoomOccupiedException(Error) : Error;
}
