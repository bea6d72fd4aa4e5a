using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Session.Links;

/// <summary>
/// The connections of a session. Each runs one link after another for as long as the session lives, and no connection is
/// special: the session is lost when its last link is lost, and is back as soon as any connection has a link again.
/// </summary>
internal sealed class SessionLinks(PeerSession session, Reconnector reconnector) : IAsyncDisposable
{
    private const int None = -1;

    private readonly LinkRunner?[] _links = new LinkRunner?[PeerSession.MaxLinks]; // null where no link is up
    private readonly TaskGroup _tasks = new(); // its lock guards the fields below
    private readonly TimeProvider _time = session.Context.TimeProvider;
    private readonly ConnectionRests _rests = new(session.Context.TimeProvider);
    private readonly FruitlessLosses _losses = new(session.Context.TimeProvider);
    private readonly SilenceWatch _silence = new();
    private readonly MessengerWatch _messages = new(session.Context.TimeProvider);
    private readonly bool?[] _heard = new bool?[PeerSession.MaxLinks];
    private CancellationTokenSource _anyUp = new(); // cancelled when a link is up again
    private CancellationTokenSource _allLost = new(); // cancelled when the last link is lost
    private ITimer? _clock;
    private int _count;
    private int _opened = 1;
    private int _openedDirect;
    private volatile int _messenger = None;
    private int _ticking;
    private bool _announceReconnect;

    /// <summary>How often all connections were lost and one was re-established.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Links that are up.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Starts with the link of the pairing.</summary>
    public void Start(SecureLink first)
    {
        lock (_tasks.Gate)
            _tasks.Add(RunConnectionAsync(0, first));
        _clock = _time.CreateTimer(_ => Tick(), null, SilenceWatch.Tick, SilenceWatch.Tick);
    }

    /// <summary>Opens connections through the relay until there are <paramref name="count"/>; a smaller number changes nothing.</summary>
    public void Open(int count) => Open(ref _opened, first: 0, count);

    /// <summary>The same for direct connections.</summary>
    public void OpenDirect(int count) => Open(ref _openedDirect, PeerSession.FirstDirect, count);

    /// <summary>Wakes every link, because there may be something to send.</summary>
    public void Wake()
    {
        lock (_tasks.Gate)
        {
            foreach (LinkRunner? link in _links)
                link?.Wake();
        }
    }

    /// <summary>
    /// Whether the connection carries the control messages, and acks at once. One connection does, so that they arrive in
    /// order; another takes over when its link ends.
    /// </summary>
    public bool IsMessenger(int connection) => _messenger == connection;

    /// <summary>Completes when no connection runs. The session must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_clock is not null)
            await _clock.DisposeAsync().ConfigureAwait(false);
        await _tasks.WaitAsync().ConfigureAwait(false);
    }

    private void Open(ref int opened, int first, int count)
    {
        lock (_tasks.Gate)
        {
            for (; opened < Math.Min(count, PeerSession.MaxConnections) && session.End.NeedsLinks; opened++)
                _tasks.Add(RunConnectionAsync(first + opened, null));
        }
    }

    private async Task RunConnectionAsync(int connection, SecureLink? link)
    {
        try
        {
            while (link is not null || session.End.NeedsLinks)
            {
                if (link is null && ContentPaths.IsDirectConnection(connection))
                {
                    link = await session.Direct.ConnectAsync(connection - PeerSession.FirstDirect, session.Ended).ConfigureAwait(false);
                }
                else if (link is null)
                {
                    await RestAsync(connection).ConfigureAwait(false);
                    link = await reconnector.RejoinAsync(connection, session.Ended).ConfigureAwait(false);
                }

                await RunLinkAsync(connection, link).ConfigureAwait(false);
                link = null;
            }
        }
        catch (OperationCanceledException)
        {
            // The session ended.
        }
        catch (Exception e) when (ContentPaths.IsDirectConnection(connection) && link is null)
        {
            session.Context.Observer.DirectFailed($"Direct connections are not possible: {e.Message}"); // the relay carries everything
        }
        catch (Exception e)
        {
            // A defect here or in the caller's code. The session fails, because it could wait forever for this connection.
            session.Fail(P2PException.Of(e));
        }
    }

    /// <summary>Waits until a closed connection may be opened again, or until no other connection is left.</summary>
    private async Task RestAsync(int connection)
    {
        TimeSpan rest;
        CancellationToken allLost;
        lock (_tasks.Gate)
            (rest, allLost) = (_rests.Remaining(connection), _allLost.Token);
        if (rest <= TimeSpan.Zero)
            return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(allLost, session.Ended);
        await Task.Delay(rest, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        session.Ended.ThrowIfCancellationRequested();
    }

    private async Task RunLinkAsync(int connection, SecureLink link)
    {
        var runner = new LinkRunner(session, link, connection, () => LinkIsUp(connection));
        Add(connection, runner);
        LinkLoss loss = new("it was closed", null);
        try
        {
            loss = await runner.RunAsync(session.Ended).ConfigureAwait(false);
        }
        finally
        {
            session.Window.Requeue(connection);
            Remove(connection, loss);
            session.Paths.LinkIsLost(connection);
            Wake();
        }
    }

    private void Add(int connection, LinkRunner runner)
    {
        lock (_tasks.Gate)
        {
            _links[connection] = runner;
            if (_count++ > 0)
                return;
            _allLost = new CancellationTokenSource();
            _ = _anyUp.CancelAsync();
        }
    }

    private void Remove(int connection, LinkLoss loss)
    {
        lock (_tasks.Gate)
        {
            _links[connection] = null;
            _count--;
            if (_messenger == connection)
            {
                _messenger = None;
                if (Array.FindLastIndex(_links, link => link is { IsUp: true }) is >= 0 and var next)
                    Appoint(next);
            }

            if (_count > 0)
                return;
            session.End.ReportDelivered(); // no link can deliver more
            _anyUp = new CancellationTokenSource();
            _ = _allLost.CancelAsync();
            if (!session.End.NeedsLinks)
                return;
            _announceReconnect = true;
            _tasks.Add(RecoverAsync(loss, _anyUp.Token));
        }
    }

    /// <summary>To be called when the other side's first ack has arrived over a link.</summary>
    private void LinkIsUp(int connection)
    {
        bool isBack;
        lock (_tasks.Gate)
        {
            // A direct connection takes over from one through the relay.
            if (_messenger == None || (ContentPaths.IsDirectConnection(connection) && !ContentPaths.IsDirectConnection(_messenger)))
                Appoint(connection);
            isBack = _announceReconnect;
            _announceReconnect = false;
            Reconnects += isBack ? 1 : 0;
        }

        session.Paths.LinkIsUp(connection);
        if (isBack)
            session.Context.Observer.Reconnected();
    }

    private void Appoint(int connection)
    {
        // Starts at the first unacknowledged message, so that the messages on each connection have no gap.
        session.Outbox.Rewind(connection);
        _messenger = connection;
    }

    private void ChangeMessenger()
    {
        lock (_tasks.Gate)
        {
            int next = Array.FindIndex(_links, _messenger + 1, link => link is { IsUp: true });
            if (next < 0)
                next = Array.FindIndex(_links, link => link is { IsUp: true });
            if (next >= 0 && next != _messenger)
                Appoint(next);
        }

        Wake();
    }

    /// <summary>
    /// Runs while no link is up. The connections rejoin their link rooms by themselves; this method waits in the room of
    /// the code for a restarted program, and ends the session when the retry time is over.
    /// </summary>
    private async Task RecoverAsync(LinkLoss loss, CancellationToken anyUp)
    {
        await Task.Yield(); // the caller holds the lock
        try
        {
            if (_losses.AreTooMany(session.MeasureProgress(), session.Context.RetryTimeout))
            {
                session.Fail(reconnector.Lost(loss));
                return;
            }

            session.Context.Observer.Reconnecting(loss.Reason);
            using var deadline = new CancellationTokenSource(session.Context.RetryTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, anyUp, session.Ended);
            try
            {
                PairingResult successor = await reconnector.PairAnewAsync(either.Token).ConfigureAwait(false);
                if (!TryReplace(successor, anyUp))
                    await successor.DisposeAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !anyUp.IsCancellationRequested)
            {
                session.Fail(reconnector.Lost(loss));
            }
            catch (OperationCanceledException)
            {
                // A link is up again, or the session ended.
            }
        }
        catch (Exception e)
        {
            session.Fail(P2PException.Of(e));
        }
    }

    /// <summary>If a link of this session came up at the same moment, the session continues and the new pairing is dropped.</summary>
    private bool TryReplace(PairingResult successor, CancellationToken anyUp)
    {
        lock (_tasks.Gate)
            return !anyUp.IsCancellationRequested && session.End.TryReplace(successor);
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
            return; // the last tick is late
        LinkRunner?[] links;
        lock (_tasks.Gate)
            links = [.. _links];
        for (int i = 0; i < links.Length; i++)
            _heard[i] = links[i]?.Tick(Count);
        int? silent = _silence.Observe(_heard);
        session.Window.Repeat(_silence.IsSuspect);
        if (silent is { } connection)
            GiveUp(connection, "it was silent while the other connections were not");
        session.Paths.Tick();
        if (_messages.IsStuck(session.Outbox.AcknowledgedCount, session.Outbox.IsEmpty))
            ChangeMessenger();
        if (session.Window.FindStraggler(session.Paths.Links) is { } slow && session.Paths.Carries(slow))
            GiveUp(slow, "the other connections were waiting for it");
        Volatile.Write(ref _ticking, 0);
    }

    private void GiveUp(int connection, string reason)
    {
        LinkRunner? link;
        lock (_tasks.Gate)
        {
            link = _links[connection];
            if (link is null || _count < 2)
                return;
            if (!ContentPaths.IsDirectConnection(connection))
                _rests.Begin(connection);
        }

        link.GiveUp(reason);
    }
}
