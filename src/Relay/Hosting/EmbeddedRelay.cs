using System.Collections.Concurrent;
using P2PCopy.Relay.Hosting;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>
/// A relay inside the process of one side, for two machines of which one can reach the other. It answers joins of the rooms of its
/// transfer and nothing else.
/// </summary>
public sealed class EmbeddedRelay : IRelayHost
{
    // Another program may take the chosen port on a further address before the relay does.
    private const int Attempts = 10;

    private readonly RelayOptions? _options;

    /// <summary>Creates a host that listens on a free port of each address that it lists.</summary>
    public EmbeddedRelay()
    {
    }

    /// <summary>Creates a host with these options. A client still needs an admitted room.</summary>
    /// <param name="options">Where to listen, and the limits.</param>
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
        if (_options is not null)
            return new Hosted(await RelayServer.StartAsync(_options with { AdmitRoom = rooms.ContainsKey }, cancellationToken).ConfigureAwait(false), rooms, _options.Certificate is not null);

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                var options = new RelayOptions { Listen = ReachableAddresses.WithOnePort(), AdmitRoom = rooms.ContainsKey };
                return new Hosted(await RelayServer.StartAsync(options, cancellationToken).ConfigureAwait(false), rooms, secure: false);
            }
            catch (P2PException e) when (e.Code == P2PErrorCode.Failure && attempt < Attempts)
            {
                // Another port.
            }
        }
    }

    private sealed class Hosted : IHostedRelay
    {
        private readonly RelayServer _server;
        private readonly ConcurrentDictionary<string, byte> _rooms;

        public Hosted(RelayServer server, ConcurrentDictionary<string, byte> rooms, bool secure)
        {
            _server = server;
            _rooms = rooms;
            // Loopback always works. Without it, the first listen address is used.
            LocalAddress = server.Addresses.FirstOrDefault(a => a.IsLoopback) ?? server.Addresses[0];
            Addresses = ReachableAddresses.Of(server, secure);
        }

        public Uri LocalAddress { get; }

        public IReadOnlyList<Uri> Addresses { get; }

        public void Admit(string room)
        {
            if (!RelayProtocol.IsRoom(room))
                throw new ArgumentException("A room is 22 base64url characters.", nameof(room));
            _rooms.TryAdd(room, 0);
        }

        public void Withdraw(string room) => _rooms.TryRemove(room, out _);

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
