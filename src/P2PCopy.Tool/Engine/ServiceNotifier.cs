using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace P2PCopy.Tool.Engine;

/// <summary>
/// Reports the state of a service to systemd, as sd_notify(3) does, if systemd asks for it by <c>NOTIFY_SOCKET</c>. With
/// <c>WATCHDOG_USEC</c> it also reports regularly that the process is alive.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _service;
    private readonly ITimer? _watchdog;

    public ServiceNotifier(ToolHost host)
    {
        if (host.Variable("NOTIFY_SOCKET") is not { } path || OperatingSystem.IsWindows())
            return;
        // A leading @ stands for an abstract address.
        _service = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        if (long.TryParse(host.Variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0)
        {
            TimeSpan interval = TimeSpan.FromMicroseconds(microseconds / 2.0);
            _watchdog = host.Clock.CreateTimer(_ => Send("WATCHDOG=1"), null, interval, interval);
        }
    }

    /// <summary>The service is ready.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The service drains and will stop.</summary>
    public void Stopping() => Send("STOPPING=1");

    public void Dispose()
    {
        _watchdog?.Dispose();
        _socket?.Dispose();
    }

    private void Send(string state)
    {
        try
        {
            _socket?.SendTo(Encoding.ASCII.GetBytes(state), _service!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The service works without the report.
        }
    }
}
