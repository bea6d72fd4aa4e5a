using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Asks the networks of this machine for a relay in the process of the other side: a few times within the first second, then seldom.
/// </summary>
/// <param name="key">The key of the route.</param>
/// <param name="role">The role of this side.</param>
/// <param name="time">The clock.</param>
internal sealed class RelayFinder(byte[] key, PeerRole role, TimeProvider time)
{
    private const int NoncesKept = 4;

    private static readonly TimeSpan[] FirstPauses =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(800), .. Enumerable.Repeat(TimeSpan.FromSeconds(2), 15)];

    private static readonly TimeSpan LaterPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IReadOnlyList<string> _interfaces = [];

    /// <summary>The network interfaces that were asked last, without loopback.</summary>
    public IReadOnlyList<string> Interfaces
    {
        get
        {
            lock (_lock)
                return _interfaces;
        }
    }

    /// <summary>Asks until it is cancelled.</summary>
    /// <param name="found">Gets the address of each relay that proves the route, again for each answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<Uri> found, CancellationToken cancellationToken)
    {
        int round = 0;
        while (true)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            IReadOnlyList<MulticastInterface> interfaces = MulticastInterface.Read();
            List<Asker> askers = Open(interfaces);
            try
            {
                Task[] reading = [.. askers.Select(a => a.ReadAsync(found, end.Token))];
                do
                {
                    askers.ForEach(a => a.Ask());
                    await Task.Delay(round < FirstPauses.Length ? FirstPauses[round] : LaterPause, time, end.Token).ConfigureAwait(false);
                    round++;
                }
                while (MulticastInterface.Read().SequenceEqual(interfaces)); // they come and go while a side waits

                await end.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(reading).ConfigureAwait(false);
            }
            finally
            {
                await end.CancelAsync().ConfigureAwait(false);
                askers.ForEach(a => a.Dispose());
            }
        }
    }

    private List<Asker> Open(IReadOnlyList<MulticastInterface> interfaces)
    {
        var askers = new List<Asker>();
        var names = new List<string>();
        foreach (MulticastInterface from in interfaces)
        {
            if (MulticastSocket.ToAsk(from) is not { } socket)
                continue;
            askers.Add(new Asker(this, socket));
            if (!from.IsLoopback)
                names.Add(from.Name);
        }

        lock (_lock)
            _interfaces = [.. names.Distinct(StringComparer.Ordinal)];
        return askers;
    }

    /// <summary>One socket and its open queries.</summary>
    private sealed class Asker(RelayFinder finder, Socket socket) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly Queue<byte[]> _nonces = new();

        public void Ask()
        {
            byte[] nonce = RandomSource.Bytes(DiscoveryMessage.NonceLength);
            lock (_lock)
            {
                _nonces.Enqueue(nonce);
                if (_nonces.Count > NoncesKept)
                    _nonces.Dequeue();
            }

            try
            {
                socket.SendTo(DiscoveryMessage.Query(finder.Key, finder.Role, nonce), MulticastSocket.Group(socket.AddressFamily));
            }
            catch (SocketException)
            {
                // The interface is down, or does not take multicast.
            }
        }

        public async Task ReadAsync(Action<Uri> found, CancellationToken cancellationToken)
        {
            try
            {
                await DatagramReader.RunAsync(socket, (message, from) => Take(message, from, found), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The rounds of this socket are over, or its interface is gone; new sockets follow.
            }
        }

        public void Dispose() => socket.Dispose();

        private void Take(ReadOnlySpan<byte> message, IPEndPoint from, Action<Uri> found)
        {
            byte[][] nonces;
            lock (_lock)
                nonces = [.. _nonces];
            if (DiscoveryMessage.ReadAnswer(message, finder.Key, finder.Role, nonces, from.Address) is { } relay)
                found(new Uri($"{(relay.IsSecure ? "wss" : "ws")}://{new IPEndPoint(from.Address, relay.Port)}"));
        }
    }

    private byte[] Key => key;

    private PeerRole Role => role;
}
