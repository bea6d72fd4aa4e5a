using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// The clients that were refused because their role in a room was taken, and try again every few seconds. When the role is free,
/// the address that had the fewest turns is next. So a client that joins again and again cannot keep another address out. Not safe
/// for several threads.
/// </summary>
internal sealed class RoleQueue(TimeProvider clock)
{
    /// <summary>How long a client keeps its place without trying again: a client tries every 3 s.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(8);

    /// <summary>How long a turn counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private const int MaxWaiting = 64;
    private const int MaxOfAddress = 4;
    private const int MaxTurns = 256;

    private readonly List<Waiter> _waiting = [];
    private readonly List<(string Group, long At)> _turns = [];

    /// <summary>Whether nothing is remembered any more.</summary>
    public bool IsEmpty
    {
        get
        {
            Forget();
            return _waiting.Count == 0 && _turns.Count == 0;
        }
    }

    /// <summary>Whether a client has a place and did not try within the last second.</summary>
    public bool IsDue(string member) => _waiting.Exists(w => w.Member == member && clock.GetElapsedTime(w.Tried) >= ShortestPause);

    /// <summary>A client was refused because the role is taken or another one is next.</summary>
    public void Note(string group, JoinRequest join)
    {
        Forget();
        if (_waiting.Find(w => w.Group == group && w.Member == join.Member) is { } known)
            known.Tried = clock.GetTimestamp();
        else if (_waiting.Count < MaxWaiting && _waiting.Count(w => w.Group == group) < MaxOfAddress)
            _waiting.Add(new Waiter(group, join.Member) { Tried = clock.GetTimestamp() });
    }

    /// <summary>Takes the role, which is free, if no other client is next.</summary>
    public bool TryTake(string group, JoinRequest join)
    {
        Forget();
        int turns = TurnsOf(group);
        foreach (Waiter waiter in _waiting)
        {
            if (waiter.Group == group && waiter.Member == join.Member)
                break; // those after this one came later
            if (TurnsOf(waiter.Group) <= turns)
                return false;
        }

        if (_waiting.Exists(w => TurnsOf(w.Group) < turns))
            return false;
        _waiting.RemoveAll(w => w.Group == group && w.Member == join.Member);
        return true;
    }

    /// <summary>A client has taken the role.</summary>
    public void AddTurn(string group)
    {
        if (_turns.Count == MaxTurns)
            _turns.RemoveAt(0);
        _turns.Add((group, clock.GetTimestamp()));
    }

    private int TurnsOf(string group) => _turns.Count(t => t.Group == group);

    private void Forget()
    {
        _waiting.RemoveAll(w => clock.GetElapsedTime(w.Tried) > Freshness);
        _turns.RemoveAll(t => clock.GetElapsedTime(t.At) > Memory);
    }

    private sealed class Waiter(string group, string member)
    {
        public string Group { get; } = group;

        public string Member { get; } = member;

        public long Tried { get; set; }
    }
}
