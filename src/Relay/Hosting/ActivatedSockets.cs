using System.Globalization;
using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>The listening sockets that systemd passes to a service with a socket unit (sd_listen_fds(3)).</summary>
internal static class ActivatedSockets
{
    /// <summary>The value of <see cref="RelayOptions.Listen"/> that stands for these sockets.</summary>
    public const string Name = "systemd";

    private const string Process = "LISTEN_PID";
    private const string Count = "LISTEN_FDS";
    private const int FirstHandle = 3;

    /// <summary>Takes the sockets; a second call finds none.</summary>
    /// <exception cref="P2PException">systemd passed no socket to this process, or one that does not listen.</exception>
    public static IReadOnlyList<ListenSocket> Take()
    {
        if (Number(Process) != Environment.ProcessId || Number(Count) is not (> 0 and int count))
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"`Listen` is {Name}, but systemd passed no socket to this process.")
            {
                Hint = "Start the relay by a socket unit such as deploy/systemd/p2pcopy-relay.socket, or give an address and a port.",
            };
        }

        // A process that this one starts must not take them for its own.
        Environment.SetEnvironmentVariable(Process, null);
        Environment.SetEnvironmentVariable(Count, null);
        return [.. Enumerable.Range(FirstHandle, count).Select(Open)];
    }

    private static ListenSocket Open(int handle)
    {
        Exception? cause = null;
        try
        {
            var socket = new Socket(new SafeSocketHandle(handle, ownsHandle: true));
            if (socket.IsBound && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0)
                return new ListenSocket(socket) { OutlivesProcess = true };
            socket.Dispose();
        }
        catch (SocketException e)
        {
            cause = e;
        }

        throw new P2PException(P2PErrorCode.InvalidOption, string.Create(CultureInfo.InvariantCulture, $"The file descriptor {handle} that systemd passed is not a listening socket."), cause)
        {
            Hint = "Use only ListenStream= with Accept=no in the socket unit.",
        };
    }

    private static int? Number(string variable)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
