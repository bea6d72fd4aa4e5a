using System.Net;

namespace P2PCopy.Transport;

/// <summary>
/// Where a relay sees a local port. The connection that asked stays open until this is disposed, so that routers keep the
/// mapping of the port.
/// </summary>
/// <param name="seen">The address and port that the relay sees.</param>
/// <param name="connection">The connection.</param>
internal sealed class PortObservation(IPEndPoint seen, IAsyncDisposable connection) : IAsyncDisposable
{
    /// <summary>The address and port that the relay sees.</summary>
    public IPEndPoint Seen => seen;

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
