using System.Collections.Concurrent;
using P2PCopy.Primitives;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Rooms;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>What all connections of one relay share: rooms, limits, counters, the clock's tick and the drain.</summary>
internal sealed class RelayHub : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Member, byte> _members = new();
    private readonly ITimer _timer;
    private volatile bool _draining;

    public RelayHub(RelayOptions options)
    {
        Options = options;
        Clock = options.TimeProvider;
        Rooms = new RoomTable(this);
        Traffic = new Traffic(options);
        Log = new RelayLog(options);
        Metrics = new RelayMetrics(this);
        Admission = new Admission(this);
        Returning = new ReturningMembers(this);
        // One heartbeat for all time limits of joined members.
        _timer = Clock.CreateTimer(_ => Tick(), null, s_tick, s_tick);
    }

    public RelayOptions Options { get; }

    public TimeProvider Clock { get; }

    public RoomTable Rooms { get; }

    public Traffic Traffic { get; }

    /// <summary>Where members that move much wait for each other.</summary>
    public TurnQueue Turns { get; } = new(Environment.ProcessorCount);

    /// <summary>What members read into; trimmed once a second.</summary>
    public BufferPool Buffers { get; } = new(Member.BufferSize);

    public RelayMetrics Metrics { get; }

    public RelayLog Log { get; }

    public Admission Admission { get; }

    public ReturningMembers Returning { get; }

    /// <summary>Whether the relay is about to stop and lets nobody in.</summary>
    public bool IsDraining => _draining;

    /// <summary>Connections that have joined.</summary>
    public IEnumerable<Member> Members => _members.Keys;

    /// <summary>How many have joined.</summary>
    public int MemberCount => _members.Count;

    public void Add(Member member) => _members.TryAdd(member, 0);

    public void Remove(Member member) => _members.TryRemove(member, out _);

    /// <summary>Lets nobody in any more and tells everybody to join again.</summary>
    public async Task DrainAsync()
    {
        _draining = true;
        var hint = new RelayHint(RelayHintKind.Draining, TimeSpan.FromSeconds(Options.ReconnectAfterSeconds));
        // A client that takes nothing must not keep the others from hearing it.
        await Task.WhenAll(_members.Keys.Select(m => m.Sink.HintAsync(hint).AsTask())).ConfigureAwait(false);
    }

    /// <summary>Tells everybody to go.</summary>
    public Task EndAllAsync()
        => Task.WhenAll(_members.Keys.Select(m => m.EndAsync(RelayProtocol.Draining, "The relay stops; join again.")));

    /// <summary>Cuts off everybody who has not gone, and ends what they wait for.</summary>
    public void AbortAll()
    {
        foreach (Member member in _members.Keys)
            member.Abort();
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        foreach (Member member in _members.Keys)
            member.Tick();
        Admission.Tick();
        Returning.Tick();
        Buffers.Trim();
    }
}
