using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>A socket that listens.</summary>
/// <param name="socket">The socket.</param>
/// <param name="path">The file of a Unix socket that this process bound; null for other sockets.</param>
internal sealed class ListenSocket(Socket socket, string? path = null) : IDisposable
{
    public Socket Socket => socket;

    /// <summary>
    /// The service manager keeps the socket open. Connections wait in it until this process, or its successor, accepts them.
    /// </summary>
    public bool OutlivesProcess { get; init; }

    public void Dispose()
    {
        socket.Dispose();
        if (path is not null)
            File.Delete(path);
    }
}
