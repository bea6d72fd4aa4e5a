using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using P2PCopy.Relay.Hosting;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>
/// A relay inside the sender's process, for two machines of which one can reach the other. It lets in only the rooms it
/// was told of.
/// </summary>
public sealed class EmbeddedRelay : IRelayHost
{
    private readonly RelayOptions _options;

    /// <summary>Makes a host that listens on every address of this machine and a free port.</summary>
    public EmbeddedRelay()
        : this(new RelayOptions { Listen = ["*:0"] })
    {
    }

    /// <summary>Makes a host with these options; every client of a transfer still needs an admitted room.</summary>
    /// <param name="options">Where to listen, and limits.</param>
    public EmbeddedRelay(RelayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="P2PException">An option cannot be used, or an address could not be bound.</exception>
    public async ValueTask<IHostedRelay> StartAsync(CancellationToken cancellationToken)
    {
        var rooms = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        RelayServer server = await RelayServer.StartAsync(_options with { AdmitRoom = rooms.ContainsKey }, cancellationToken).ConfigureAwait(false);
        return new Hosted(server, rooms, _options.Certificate is not null);
    }

    private sealed class Hosted : IHostedRelay
    {
        private readonly RelayServer _server;
        private readonly ConcurrentDictionary<string, byte> _rooms;

        public Hosted(RelayServer server, ConcurrentDictionary<string, byte> rooms, bool secure)
        {
            _server = server;
            _rooms = rooms;
            IPEndPoint[] endpoints = [.. server.LocalEndPoints.OfType<IPEndPoint>()];
            // Loopback if it is listened at, since that always works; otherwise the address that was asked for.
            LocalAddress = server.Addresses.FirstOrDefault(a => a.IsLoopback) ?? server.Addresses[0];
            Addresses = [.. endpoints.SelectMany(e => Reachable(e, secure)).Distinct().OrderBy(a => a.IsLoopback)];
        }

        public Uri LocalAddress { get; }

        public IReadOnlyList<Uri> Addresses { get; }

        public void Admit(string room)
        {
            if (!RelayProtocol.IsRoom(room))
                throw new ArgumentException("A room is 22 base64url characters.", nameof(room));
            _rooms.TryAdd(room, 0);
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static IEnumerable<Uri> Reachable(IPEndPoint endpoint, bool secure)
        {
            bool any4 = endpoint.Address.Equals(IPAddress.Any);
            bool any6 = endpoint.Address.Equals(IPAddress.IPv6Any);
            if (!any4 && !any6)
                return [ListenAddress.AddressOf(endpoint.Address, endpoint.Port, secure)];

            // A socket for every IPv6 address takes IPv4 too.
            return MachineAddresses(any6).Append(IPAddress.Loopback).Select(a => ListenAddress.AddressOf(a, endpoint.Port, secure));
        }

        // A gateway is a good sign of an interface that others can reach; container bridges have none.
        private static IEnumerable<IPAddress> MachineAddresses(bool withIPv6)
            => NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .Select(i => i.GetIPProperties())
                .OrderByDescending(p => p.GatewayAddresses.Count > 0)
                .SelectMany(p => p.UnicastAddresses)
                .Select(u => u.Address)
                .Where(a => a.AddressFamily == AddressFamily.InterNetwork || (withIPv6 && !a.IsIPv6LinkLocal))
                .OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1);
    }
}
