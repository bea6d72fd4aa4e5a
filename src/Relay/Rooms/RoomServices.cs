using System.Collections.Concurrent;
using P2PCopy.Primitives;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Limits;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Rooms;

/// <summary>The members of a relay and what they share: rooms, limits, counters and buffers. Safe to use from any thread.</summary>
internal sealed class RoomServices
{
    private readonly ConcurrentDictionary<Member, byte> _members = new();

    public RoomServices(RelayOptions options, Traffic traffic, RelayCounters counters)
    {
        Options = options;
        Traffic = traffic;
        Counters = counters;
        Returning = new ReturningMembers(options.TimeProvider);
        Rooms = new RoomTable(this);
    }

    public RelayOptions Options { get; }

    public TimeProvider Clock => Options.TimeProvider;

    public Traffic Traffic { get; }

    public RelayCounters Counters { get; }

    public RoomTable Rooms { get; }

    public ReturningMembers Returning { get; }

    /// <summary>The queue in which members that forward much data wait for each other.</summary>
    public TurnQueue Turns { get; } = new(Environment.ProcessorCount);

    /// <summary>The read buffers of members; trimmed once a second.</summary>
    public BufferPool Buffers { get; } = new(Member.BufferSize);

    /// <summary>Connections that have joined.</summary>
    public IEnumerable<Member> Members => _members.Keys;

    public int MemberCount => _members.Count;

    public void Add(Member member) => _members.TryAdd(member, 0);

    public void Remove(Member member) => _members.TryRemove(member, out _);

    /// <summary>Sends a hint to every member; a member that does not read does not delay the others.</summary>
    public Task HintAsync(RelayHint hint) => Task.WhenAll(_members.Keys.Select(m => m.Sink.HintAsync(hint).AsTask()));

    /// <summary>Ends every member with a reason.</summary>
    public Task EndAllAsync()
        => Task.WhenAll(_members.Keys.Select(m => m.EndAsync(RelayProtocol.Draining, "The relay stops; join again.", MemberOutcome.Draining)));

    /// <summary>Closes the connections of all members at once.</summary>
    public void AbortAll()
    {
        foreach (Member member in _members.Keys)
            member.Abort();
    }

    /// <summary>Checks all time limits; called once a second.</summary>
    public void Tick()
    {
        foreach (Member member in _members.Keys)
            member.Tick();
        Returning.Tick();
        Rooms.Tick();
        Buffers.Trim();
    }
}
