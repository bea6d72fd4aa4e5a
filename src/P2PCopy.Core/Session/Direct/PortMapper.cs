using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Direct;

/// <summary>
/// Asks the router of this machine to forward a TCP port to it, by PCP or by NAT-PMP, and removes the mappings at the end.
/// Most routers do not answer, so no one waits for the answer.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PortMapper(TimeProvider time) : IAsyncDisposable
{
    // Longer than an attempt; a connection that is up needs no mapping.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RemovalPatience = TimeSpan.FromMilliseconds(100);
    private const int Tries = 3;

    private readonly Lock _lock = new();
    private readonly List<(IPEndPoint Router, byte[] Removal)> _granted = [];

    /// <summary>The UDP port of routers; tests use another one.</summary>
    internal int ServerPort { get; init; } = PcpMessage.ServerPort;

    /// <summary>Asks for a mapping.</summary>
    /// <param name="port">The local port.</param>
    /// <param name="network">The local network, with its router.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The external address and port; null if the router grants none.</returns>
    public async Task<IPEndPoint?> MapAsync(int port, LocalNetwork network, CancellationToken cancellationToken)
    {
        foreach (IPAddress gateway in network.Gateways)
        {
            try
            {
                if (await MapAsync(port, new IPEndPoint(gateway, ServerPort), cancellationToken).ConfigureAwait(false) is { External: { } address } mapping)
                    return new IPEndPoint(address, mapping.Port);
            }
            catch (SocketException)
            {
                // The router refuses, or cannot be reached.
            }
        }

        return null;
    }

    /// <summary>Removes the mappings. A router that does not answer keeps them until they expire.</summary>
    public async ValueTask DisposeAsync()
    {
        (IPEndPoint Router, byte[] Removal)[] granted;
        lock (_lock)
        {
            granted = [.. _granted];
            _granted.Clear();
        }

        foreach ((IPEndPoint router, byte[] removal) in granted)
        {
            try
            {
                using var socket = new Socket(router.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                await socket.ConnectAsync(router).ConfigureAwait(false);
                using var bound = new CancellationTokenSource(RemovalPatience);
                await AskOnceAsync(socket, removal, bound.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The mapping expires by itself.
            }
        }
    }

    private async Task<PortMapping?> MapAsync(int port, IPEndPoint router, CancellationToken cancellationToken)
    {
        using var socket = new Socket(router.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(router, cancellationToken).ConfigureAwait(false);
        IPAddress client = ((IPEndPoint)socket.LocalEndPoint!).Address;
        byte[] nonce = RandomSource.Bytes(PcpMessage.NonceLength);
        byte[]? answer = await AskAsync(socket, PcpMessage.Request(client, nonce, port, Lifetime), cancellationToken).ConfigureAwait(false);
        if (answer is null)
            return null;
        if (PcpMessage.Parse(answer, nonce, port) is { } mapping)
        {
            Granted(router, PcpMessage.Request(client, nonce, port, TimeSpan.Zero));
            return mapping;
        }

        // A router with NAT-PMP only answers with its version, which is 0 (RFC 6887, appendix A).
        if (answer is not [0, ..])
            return null;
        byte[]? address = await AskAsync(socket, NatPmpMessage.AddressRequest(), cancellationToken).ConfigureAwait(false);
        byte[]? granted = address is null ? null : await AskAsync(socket, NatPmpMessage.MapRequest(port, Lifetime), cancellationToken).ConfigureAwait(false);
        if (granted is null || NatPmpMessage.ParseMap(granted, port) is not { } old)
            return null;
        Granted(router, NatPmpMessage.MapRequest(port, TimeSpan.Zero));
        return old with { External = NatPmpMessage.ParseAddress(address) };
    }

    private void Granted(IPEndPoint router, byte[] removal)
    {
        lock (_lock)
            _granted.Add((router, removal));
    }

    private async Task<byte[]?> AskAsync(Socket socket, byte[] request, CancellationToken cancellationToken)
    {
        TimeSpan patience = FirstPatience;
        for (int i = 0; i < Tries; i++, patience *= 2)
        {
            using var bound = new CancellationTokenSource(patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
            try
            {
                return await AskOnceAsync(socket, request, both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The request is repeated.
            }
        }

        return null;
    }

    private static async Task<byte[]> AskOnceAsync(Socket socket, byte[] request, CancellationToken cancellationToken)
    {
        await socket.SendAsync(request.AsMemory(), cancellationToken).ConfigureAwait(false);
        byte[] answer = new byte[1100]; // the longest of RFC 6887, section 7
        return answer[..await socket.ReceiveAsync(answer.AsMemory(), cancellationToken).ConfigureAwait(false)];
    }
}
