using System.Collections.Concurrent;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// Members whose pair moved real data and then ended. They come back after a lost connection, in whichever room their
/// session meets again; that is no guess at a code, so it counts neither against their address nor against the room, but
/// on an account of their own. Safe to use from any thread.
/// </summary>
internal sealed class ReturningMembers(RelayHub hub)
{
    // More than a pairing with a wrong code ever moves.
    private const long RealData = 64 << 10;

    private const int MostMembers = 100_000;
    private const int JoinsPerMinute = 600;

    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>A member has left its room.</summary>
    public void Remember(Member member)
    {
        if (member.Session is not { Bytes: >= RealData })
            return;
        if (_accounts.TryGetValue(member.Join.Member, out Account? known))
            known.LastSeen = hub.Clock.GetTimestamp();
        else if (_accounts.Count < MostMembers)
            _accounts.TryAdd(member.Join.Member, new Account(hub));
    }

    /// <summary>Whether this join is one that need not be counted elsewhere.</summary>
    public bool Admits(JoinRequest join) => _accounts.TryGetValue(join.Member, out Account? account) && account.Joins.TryTake();

    /// <summary>Forgets those who did not come back; called once a second.</summary>
    public void Tick()
    {
        foreach ((string member, Account account) in _accounts)
        {
            if (hub.Clock.GetElapsedTime(account.LastSeen) >= s_memory)
                _accounts.TryRemove(member, out _);
        }
    }

    private sealed class Account(RelayHub hub)
    {
        private long _lastSeen = hub.Clock.GetTimestamp();

        public TokenBucket Joins { get; } = new(JoinsPerMinute / 60.0, JoinsPerMinute, hub.Clock);

        public long LastSeen
        {
            get => Volatile.Read(ref _lastSeen);
            set => Volatile.Write(ref _lastSeen, value);
        }
    }
}
