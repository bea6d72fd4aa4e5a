using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>One address of <see cref="RelayOptions.Listen"/>.</summary>
internal sealed class ListenAddress
{
    private const int FirstFreePort = 1024;

    private const string UnixPrefix = "unix:";
    private const int Backlog = 1024;

    private readonly string _text;
    private readonly IPEndPoint? _endpoint;
    private readonly string? _path;

    private ListenAddress(string text, IPEndPoint? endpoint, string? path)
    {
        _text = text;
        _endpoint = endpoint;
        _path = path;
    }

    /// <summary>Reads <c>ADDRESS:PORT</c>, <c>*:PORT</c>, <c>[IPv6]:PORT</c> or <c>unix:/path</c>.</summary>
    /// <exception cref="P2PException">The text has another form.</exception>
    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
            return new ListenAddress(text, null, text[UnixPrefix.Length..]);

        int colon = text.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && ParseHost(text[..colon]) is { } address)
        {
            return new ListenAddress(text, new IPEndPoint(address, port), null);
        }

        throw new P2PException(
            P2PErrorCode.InvalidOption,
            $"'{text}' is not a valid listen address.")
        {
            Hint = "Use ADDRESS:PORT, such as 0.0.0.0:8765, *:8765 or [::1]:0, or unix:/path.",
        };
    }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="P2PException">The system refused.</exception>
    public ListenSocket Listen()
    {
        Socket? socket = null;
        try
        {
            socket = _path is not null ? BindUnix(_path) : BindIP(_endpoint!);
            socket.Listen(Backlog);
            return new ListenSocket(socket, _path);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket?.Dispose();
            throw new P2PException(
                P2PErrorCode.Failure,
                $"The relay could not listen at {_text}: {e.Message.TrimEnd('.')}.",
                e)
            {
                Hint = e is SocketException { SocketErrorCode: SocketError.AccessDenied } && _endpoint is { Port: < FirstFreePort }
                    ? "A port below 1024 needs root, the capability CAP_NET_BIND_SERVICE or a socket of systemd; or choose another port."
                    : "Choose another port or address, or stop the program that uses it.",
            };
        }
    }

    /// <summary>The address of a listening socket for clients on this machine.</summary>
    public static Uri AddressOf(Socket socket, bool secure)
    {
        if (socket.LocalEndPoint is not IPEndPoint endpoint)
            return new Uri(UnixPrefix + socket.LocalEndPoint);

        IPAddress address = endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any)
            ? IPAddress.Loopback
            : endpoint.Address;
        return AddressOf(address, endpoint.Port, secure);
    }

    /// <summary>The address of a relay at this address and port.</summary>
    public static Uri AddressOf(IPAddress address, int port, bool secure)
        => new($"{(secure ? "wss" : "ws")}://{new IPEndPoint(address, port)}");

    private static IPAddress? ParseHost(string host)
    {
        if (host == "*")
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (host == "localhost")
            return IPAddress.Loopback;
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return null;
        return IPAddress.TryParse(host, out IPAddress? address) ? address : null;
    }

    private static Socket BindIP(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endpoint.Address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
        socket.Bind(endpoint);
        return socket;
    }

    private static Socket BindUnix(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var endpoint = new UnixDomainSocketEndPoint(path);
        try
        {
            socket.Bind(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && !Answers(endpoint))
        {
            // The file was left by a relay that was killed.
            File.Delete(path);
            socket.Bind(endpoint);
        }

        return socket;
    }

    private static bool Answers(UnixDomainSocketEndPoint endpoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
