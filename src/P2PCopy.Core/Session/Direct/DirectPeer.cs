using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Session.Direct;

/// <summary>Proves the session on a channel.</summary>
/// <param name="channel">The channel. The link owns it afterwards; on failure it is disposed.</param>
/// <param name="connection">The direct connection, 0 to 15.</param>
/// <param name="choose">Decides on the sender, after the proof of the other side, whether this channel becomes the connection.</param>
/// <param name="cancellationToken">Cancels; the channel is then disposed.</param>
internal delegate Task<SecureLink> DirectProof(IMessageChannel channel, int connection, Func<bool> choose, CancellationToken cancellationToken);

/// <summary>
/// The direct connections of a session to the other side. The sender begins each attempt, except that both sides begin the first
/// one of connection 0 by themselves. The pause before the next attempt grows after each failure.
/// </summary>
internal sealed class DirectPeer : IAsyncDisposable
{
    /// <summary>The largest number of direct connections.</summary>
    public const int MaxConnections = 16;

    // Attempts that follow each other at once; they differ in the time to live of the first packet.
    private const int FirstAttempts = 2;

    // At most one attempt in this time, also if the other side requests more.
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongLife = TimeSpan.FromMinutes(1);

    private readonly SessionKeys _keys;
    private readonly CancellationTokenSource _stop = new();
    private readonly OfferBox[] _offers = [.. Enumerable.Range(0, MaxConnections).Select(_ => new OfferBox())];
    private readonly ConcurrentDictionary<int, IPAddress> _remote = new();
    private readonly AttemptPauses[] _pauses;
    private readonly PortMapper _mapper;
    private Func<CandidateOffer, CancellationToken, ValueTask>? _send;

    /// <param name="context">The session's settings.</param>
    /// <param name="keys">The session's keys.</param>
    /// <param name="proof">Runs the link handshake.</param>
    public DirectPeer(SessionContext context, SessionKeys keys, DirectProof proof)
    {
        Context = context;
        _keys = keys;
        ProveAsync = proof;
        Settings = context.Direct;
        Rules = new CandidateRules(Settings.Mode, context.TimeProvider);
        _mapper = new PortMapper(context.TimeProvider);
        _pauses = [.. Enumerable.Range(0, MaxConnections).Select(_ => new AttemptPauses(FirstAttempts, FirstPause, LongestPause))];
    }

    public SessionContext Context { get; }

    public TimeProvider Time => Context.TimeProvider;

    public DirectSettings Settings { get; private set; }

    public CandidateRules Rules { get; }

    public DirectProof ProveAsync { get; }

    /// <summary>A room of this side only, in which it finds out the address that the relay sees.</summary>
    public static int ObservationRoom(PeerRole role, int connection) => MaxConnections + (2 * connection) + (role == PeerRole.Send ? 0 : 1);

    /// <summary>Begins after both sides have agreed on direct connections.</summary>
    /// <param name="settings">The settings that hold for both.</param>
    /// <param name="send">Sends an offer to the other side.</param>
    public void Start(DirectSettings settings, Func<CandidateOffer, CancellationToken, ValueTask> send)
    {
        Settings = settings;
        _send = send;
    }

    /// <summary>Ends all attempts, because the transfer is about to end.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Takes an offer of the other side.</summary>
    public void Take(CandidateOffer offer)
    {
        if (_send is not null)
            _offers[offer.Connection].Add(offer);
    }

    public ValueTask SendAsync(CandidateOffer offer, CancellationToken cancellationToken) => _send!(offer, cancellationToken);

    /// <summary>The address of a connection that is up or was; null before.</summary>
    public IPAddress? Remote(int connection) => _remote.GetValueOrDefault(connection);

    /// <summary>The address for further connections, which is that of the first one.</summary>
    public IPAddress? OnlyAddress(int connection) => connection == 0 ? null : Remote(0);

    /// <summary>Notes that a connection has proved itself.</summary>
    public void Connected(int connection, IPAddress address) => _remote[connection] = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The address at which a relay sees a port of this side.</summary>
    public async Task<PortObservation?> ObserveAsync(int connection, int port, CancellationToken cancellationToken)
    {
        try
        {
            var join = new RoomJoin(_keys.LinkRoom(ObservationRoom(Context.Role, connection)), Context.Role, Context.Member);
            return await Context.Connector.ObserveAsync(join, port, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is P2PException or SocketException or ChannelClosedException)
        {
            return null;
        }
    }

    /// <summary>Asks the router to forward a port to this machine.</summary>
    public Task<IPEndPoint?> MapAsync(int port, LocalNetwork network, CancellationToken cancellationToken)
        => _mapper.MapAsync(port, network, cancellationToken);

    /// <summary>Connects, with as many attempts as necessary.</summary>
    /// <param name="connection">The connection, 0 to 15.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended, or <see cref="Stop"/> was called.</exception>
    public async Task<SecureLink> ConnectAsync(int connection, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        AttemptPauses pauses = _pauses[connection];
        pauses.LinkEnded(Time);
        while (true)
        {
            int attempt = await NextAttemptAsync(connection, pauses, both.Token).ConfigureAwait(false);
            if (await AttemptAsync(connection, attempt, both.Token).ConfigureAwait(false) is { } link)
            {
                pauses.LinkBegan(Time);
                return link;
            }

            both.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _mapper.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<int> NextAttemptAsync(int connection, AttemptPauses pauses, CancellationToken cancellationToken)
    {
        if (Context.Role == PeerRole.Send)
        {
            await Task.Delay(pauses.Next(), Time, cancellationToken).ConfigureAwait(false);
            return ++pauses.Attempt;
        }

        if (connection == 0 && pauses.Attempt < 0)
            return pauses.Attempt = 0;
        int attempt = await _offers[connection].LaterAsync(pauses.Attempt, cancellationToken).ConfigureAwait(false);
        TimeSpan since = pauses.Attempt < 0 ? LeastPause : Time.GetElapsedTime(pauses.Began);
        if (since < LeastPause)
            await Task.Delay(LeastPause - since, Time, cancellationToken).ConfigureAwait(false);
        pauses.Began = Time.GetTimestamp();
        return pauses.Attempt = attempt;
    }

    private async Task<SecureLink?> AttemptAsync(int connection, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            return await new DirectAttempt(this, connection, attempt).RunAsync(_offers[connection], cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            if (Settings.Port != 0 && attempt == 0)
                Context.Observer.DirectFailed($"The port {Settings.Port + connection} cannot be used for direct connections: {e.Message.TrimEnd('.')}.");
            return null;
        }
    }

    /// <summary>The pauses between the attempts of one connection.</summary>
    private sealed class AttemptPauses(int atOnce, TimeSpan first, TimeSpan longest)
    {
        private BackOff _backOff = new(first, longest);
        private BackOff _afterLoss = new(LeastPause, LongLife);
        private int _made;
        private long? _linkBegan;
        private TimeSpan? _next;

        /// <summary>The number of the last attempt; -1 before the first.</summary>
        public int Attempt { get; set; } = -1;

        /// <summary>When the last attempt began.</summary>
        public long Began { get; set; }

        public TimeSpan Next()
        {
            TimeSpan pause = _next ?? (_made < atOnce ? TimeSpan.Zero : _backOff.Next());
            _next = null;
            _made++;
            return pause;
        }

        public void LinkBegan(TimeProvider time) => _linkBegan = time.GetTimestamp();

        public void LinkEnded(TimeProvider time)
        {
            if (_linkBegan is not { } began)
                return;
            if (time.GetElapsedTime(began) >= LongLife)
                _afterLoss = new BackOff(LeastPause, LongLife);
            _backOff = new BackOff(first, longest);
            _made = 0;
            _next = _afterLoss.Next();
            _linkBegan = null;
        }
    }
}
