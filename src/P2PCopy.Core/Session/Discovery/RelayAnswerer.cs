using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using P2PCopy.Primitives;
using P2PCopy.Session.Direct;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Answers the queries of the other side with the port of the relay in this process. Only an address of a subnet of this machine gets an
/// answer, a query gets one only once, and all together get few.
/// </summary>
/// <param name="key">The key of the route.</param>
/// <param name="role">The role of this side.</param>
/// <param name="relay">The addresses at which the relay listens; called at the first query, and starts the relay if necessary.</param>
/// <param name="time">The clock.</param>
internal sealed class RelayAnswerer(byte[] key, PeerRole role, Func<CancellationToken, ValueTask<IReadOnlyList<Uri>>> relay, TimeProvider time)
{
    private const int AnswersPerSecond = 20;
    private const int NoncesKept = 256;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(3);

    private readonly TokenBucket _answers = new(AnswersPerSecond, AnswersPerSecond, time);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private volatile LocalNetwork _network = LocalNetwork.Read();

    /// <summary>Answers until it is cancelled. Where the system allows no such socket, it does nothing.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
        => Task.WhenAll(ListenAsync(AddressFamily.InterNetwork, cancellationToken), ListenAsync(AddressFamily.InterNetworkV6, cancellationToken));

    private async Task ListenAsync(AddressFamily family, CancellationToken cancellationToken)
    {
        while (true)
        {
            using (Socket? socket = MulticastSocket.ToListen(family))
            {
                if (socket is not null)
                    await AnswerAsync(socket, cancellationToken).ConfigureAwait(false);
            }

            await Task.Delay(RefreshInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queries = Channel.CreateBounded<Query>(new BoundedChannelOptions(AnswersPerSecond) { FullMode = BoundedChannelFullMode.DropWrite });
        Task joining = StayJoinedAsync(socket, end.Token);
        Task answering = AnswerAsync(queries.Reader, end.Token);
        try
        {
            await DatagramReader.RunAsync(
                socket,
                (message, from) =>
                {
                    if (TryAccept(message, from) is { } query)
                        queries.Writer.TryWrite(query);
                },
                end.Token).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // A new socket follows.
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(joining, answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Joins the group on interfaces that come up later, too.</summary>
    private async Task StayJoinedAsync(Socket socket, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (MulticastInterface on in MulticastInterface.Read().Where(i => i.Address.AddressFamily == socket.AddressFamily).DistinctBy(i => i.Index))
                MulticastSocket.Join(socket, on);
            _network = LocalNetwork.Read();
            await Task.Delay(RefreshInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private Query? TryAccept(ReadOnlySpan<byte> message, IPEndPoint from)
        => (IPAddress.IsLoopback(from.Address) || _network.IsNear(from.Address))
            && DiscoveryMessage.TryReadQuery(message, key, role, out byte[] nonce) && IsNew(nonce) && _answers.TryTake()
            ? new Query(nonce, from)
            : null;

    private async Task AnswerAsync(ChannelReader<Query> queries, CancellationToken cancellationToken)
    {
        await foreach (Query query in queries.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await AnswerAsync(query, cancellationToken).ConfigureAwait(false);
    }

    private async Task AnswerAsync(Query query, CancellationToken cancellationToken)
    {
        try
        {
            // A connected socket has the address from which the answer leaves.
            using var socket = new Socket(query.From.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(query.From, cancellationToken).ConfigureAwait(false);
            IPAddress local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            Uri? address = (await relay(cancellationToken).ConfigureAwait(false)).FirstOrDefault(a => IPAddress.TryParse(a.DnsSafeHost, out IPAddress? at) && at.Equals(local));
            if (address is null)
                return;
            byte[] answer = DiscoveryMessage.Answer(key, role, query.Nonce, RandomSource.Bytes(DiscoveryMessage.NonceLength), local, address.Port, address.Scheme == "wss");
            await socket.SendAsync(answer.AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or P2PException)
        {
            // The asking side asks again; a relay that cannot start is reported where it is needed.
        }
    }

    private bool IsNew(byte[] nonce)
    {
        string text = Convert.ToHexString(nonce);
        lock (_lock)
        {
            if (!_seen.Add(text))
                return false;
            _order.Enqueue(text);
            if (_order.Count > NoncesKept)
                _seen.Remove(_order.Dequeue());
            return true;
        }
    }

    /// <summary>A query that proved the route.</summary>
    private sealed record Query(byte[] Nonce, IPEndPoint From);
}
