using System.Collections.Concurrent;
using P2PCopy.Primitives;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// Members whose pair moved data and then ended. After a lost connection they return to the same room. That is not a guess at a
/// code, so it counts neither for their address nor for the room, but has a rate of its own. Safe to use from any thread.
/// </summary>
internal sealed class ReturningMembers(TimeProvider clock)
{
    // More than a pairing with a wrong code ever moves.
    private const long RealData = 64 << 10;

    private const int MaxMembers = 100_000;
    private const int JoinsPerMinute = 600;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    // By member and room: in every other room the member is a stranger like any other.
    private readonly ConcurrentDictionary<(string Member, string Room), Account> _accounts = new();

    /// <summary>Notes that a member has left its room.</summary>
    public void Remember(Member member)
    {
        if (member.Session is not { Bytes: >= RealData })
            return;
        (string Member, string Room) key = (member.Join.Member, member.Join.Room);
        if (_accounts.TryGetValue(key, out Account? known))
            known.LastSeen = clock.GetTimestamp();
        else if (_accounts.Count < MaxMembers)
            _accounts.TryAdd(key, new Account(clock));
    }

    /// <summary>Whether a join is exempt from the other rates.</summary>
    public bool Admits(JoinRequest join) => _accounts.TryGetValue((join.Member, join.Room), out Account? account) && account.Joins.TryTake();

    /// <summary>Forgets members that did not return; called once a second.</summary>
    public void Tick()
    {
        foreach (((string Member, string Room) key, Account account) in _accounts)
        {
            if (clock.GetElapsedTime(account.LastSeen) >= Memory)
                _accounts.TryRemove(key, out _);
        }
    }

    private sealed class Account(TimeProvider clock)
    {
        private long _lastSeen = clock.GetTimestamp();

        public TokenBucket Joins { get; } = new(JoinsPerMinute / 60.0, JoinsPerMinute, clock);

        public long LastSeen
        {
            get => Volatile.Read(ref _lastSeen);
            set => Volatile.Write(ref _lastSeen, value);
        }
    }
}
