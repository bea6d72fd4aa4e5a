using System.Net;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Links;

/// <summary>
/// Decides which connections carry content: those through the relay or the direct ones. The others carry heartbeats and acks, and
/// take over at once if the last link of the chosen path is lost. Safe from any thread.
/// </summary>
internal sealed class ContentPaths(PeerSession session)
{
    /// <summary>Chunks that are sent through the relay at once at the beginning, so that a short transfer does not wait.</summary>
    private const int FreeChunks = 4;

    /// <summary>How long further chunks wait for a direct connection on the local network, which needs only a few round trips.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a chunk may be in transit over an abandoned path while the receiver waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long without a direct connection <see cref="DirectMode.Only"/> waits, at the beginning and later.</summary>
    private static readonly TimeSpan OnlyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long links that are being opened have a part of the window.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(1);

    // A change is reported when it has lasted for some time.
    private const int TicksToTell = 2;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time = session.Context.TimeProvider;
    private readonly PathChoice _choice = new(session.Context.TimeProvider);
    private readonly bool[] _up = new bool[PeerSession.MaxLinks];
    private TaskCompletionSource _changed = NewSignal();
    private volatile bool _isDirect;
    private volatile bool _isOnly;
    private volatile int _links = 1;
    private long? _waitsSince;
    private long? _withoutDirect;
    private long _newest = -1;
    private bool _newestIsDirect;
    private bool _toldDirect;
    private int _differs;
    private int _expected;
    private long? _expectedSince;

    /// <summary>Whether content is sent directly.</summary>
    public bool IsDirect => _isDirect;

    /// <summary>Links that carry content; at least 1.</summary>
    public int Links => Math.Max(1, _links);

    /// <summary>
    /// Links among which the window is divided, also those that are being opened. Otherwise the first one would take the whole window
    /// in the moment before the others are up, and they would have nothing to send.
    /// </summary>
    public int Shares => _expectedSince is { } since && _time.GetElapsedTime(since) < Opening ? Math.Max(_expected, Links) : Links;

    /// <summary>A number that changes when the path does.</summary>
    public int Changes { get; private set; }

    /// <summary>Waits until the path differs from that at a number of <see cref="Changes"/>.</summary>
    public Task ChangeAsync(int seen, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Changes != seen ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Whether a connection is a direct one.</summary>
    public static bool IsDirectConnection(int connection) => connection >= PeerSession.FirstDirect;

    /// <summary>Whether a connection carries content.</summary>
    public bool Carries(int connection)
        => IsDirectConnection(connection)
            ? _isDirect
            : !_isDirect && !_isOnly && !IsWaiting();

    /// <summary>Notes that direct connections are tried from now on.</summary>
    /// <param name="mode">The mode of both sides.</param>
    public void Begin(DirectMode mode)
    {
        lock (_lock)
        {
            _waitsSince = _time.GetTimestamp();
            _isOnly = mode == DirectMode.Only;
            _withoutDirect = _isOnly ? _waitsSince : null;
        }

        _ = WakeAsync();
    }

    /// <summary>Notes that there will be so many links.</summary>
    public void Expect(int links)
    {
        lock (_lock)
            (_expected, _expectedSince) = (links, _time.GetTimestamp());
    }

    /// <summary>Notes that a link is up.</summary>
    public void LinkIsUp(int connection) => Change(connection, isUp: true);

    /// <summary>Notes that a link is lost.</summary>
    public void LinkIsLost(int connection) => Change(connection, isUp: false);

    /// <summary>Notes that a chunk has arrived at the receiver.</summary>
    public void Arrived(int connection, long number)
    {
        lock (_lock)
        {
            if (number > _newest)
                (_newest, _newestIsDirect) = (number, IsDirectConnection(connection));
        }
    }

    /// <summary>To be called several times a second.</summary>
    public void Tick()
    {
        bool hasChanged;
        bool isDirect;
        lock (_lock)
        {
            if (session.Context.Role == PeerRole.Send)
            {
                (long chunks, long bytes, TimeSpan starved) = session.Window.Delivered();
                _choice.Observe(new PathSample(chunks, bytes, starved));
                Decide();
            }

            isDirect = session.Context.Role == PeerRole.Send ? _isDirect || _choice.IsComparing : _newestIsDirect;
            _differs = isDirect == _toldDirect ? 0 : _differs + 1;
            hasChanged = _differs >= TicksToTell || (isDirect && _differs > 0 && Changes <= 1);
            if (hasChanged)
                (_toldDirect, _differs) = (isDirect, 0);
            if (_withoutDirect is { } since && _time.GetElapsedTime(since) >= OnlyTimeout)
                session.Fail(NoDirect());
        }

        if (hasChanged)
            session.Context.Observer.PathChanged(isDirect ? session.Direct.Remote(0) ?? IPAddress.None : null);
        if (session.Window.TakeBack(Carries, Patience))
            session.Wake();
    }

    private void Change(int connection, bool isUp)
    {
        lock (_lock)
        {
            bool hadDirect = HasDirect();
            _up[connection] = isUp;
            bool hasDirect = HasDirect();
            if (hasDirect != hadDirect)
            {
                if (hasDirect)
                    _choice.DirectIsUp();
                else
                    _choice.DirectIsLost();
                _withoutDirect = _isOnly && !hasDirect ? _time.GetTimestamp() : null;
            }

            Decide();
        }

        session.Wake();
    }

    private void Decide()
    {
        bool hasRelay = Array.IndexOf(_up, true, 0, PeerSession.FirstDirect) >= 0;
        bool isDirect = HasDirect() && (_choice.IsDirect || _isOnly || !hasRelay || session.Context.Role == PeerRole.Receive);
        if (isDirect != _isDirect)
        {
            _isDirect = isDirect;
            Changes++;
            _changed.TrySetResult();
            _changed = NewSignal();
            _ = Work.Run(session.ContinueConnections);
            session.Wake();
        }

        _links = 0;
        for (int i = 0; i < _up.Length; i++)
            _links += _up[i] && IsDirectConnection(i) == isDirect ? 1 : 0;
    }

    private bool HasDirect() => Array.IndexOf(_up, true, PeerSession.FirstDirect) >= 0;

    private bool IsWaiting()
        => _waitsSince is { } since && !_isDirect && session.Window.Sent >= FreeChunks && _time.GetElapsedTime(since) < FirstWait;

    private async Task WakeAsync()
    {
        await Task.Delay(FirstWait, _time, session.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        session.Wake();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static P2PException NoDirect() => new(
        P2PErrorCode.ConnectionLost,
        $"There was no direct connection to the other side for {OnlyTimeout.TotalSeconds:0} s, and `Direct Only` sends no content through the relay.")
    {
        Hint = "A firewall or a router between the two sides prevents it; use `Direct Auto`, or open a port and set `DirectPort`.",
    };
}
