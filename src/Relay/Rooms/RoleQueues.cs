using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>The queues of all rooms in which a client found its role taken. Not safe for several threads.</summary>
internal sealed class RoleQueues(TimeProvider clock)
{
    private const int MaxQueues = 10_000;

    private readonly Dictionary<(string Room, PeerRole Role), RoleQueue> _queues = [];

    /// <summary>Whether a client has a place in the queue of its room and did not try within the last second.</summary>
    public bool IsDue(JoinRequest join) => _queues.TryGetValue((join.Room, join.Role), out RoleQueue? queue) && queue.IsDue(join.Member);

    /// <summary>The role is taken by a client of <paramref name="holder"/>; another one, of <paramref name="group"/>, is refused.</summary>
    public void Refuse(string group, JoinRequest join, string holder)
    {
        if (!_queues.TryGetValue((join.Room, join.Role), out RoleQueue? queue))
        {
            if (_queues.Count >= MaxQueues)
                return;
            _queues.Add((join.Room, join.Role), queue = new RoleQueue(clock));
            queue.AddTurn(holder);
        }

        queue.Note(group, join);
    }

    /// <summary>Whether a client may take its role, which is free. If another one is next, it gets a place in the queue.</summary>
    public bool TryTake(string group, JoinRequest join)
    {
        if (!_queues.TryGetValue((join.Room, join.Role), out RoleQueue? queue))
            return true;
        if (!queue.TryTake(group, join))
        {
            queue.Note(group, join);
            return false;
        }

        queue.AddTurn(group);
        return true;
    }

    /// <summary>Drops the queues in which nothing happened for a while; called once a second.</summary>
    public void Tick()
    {
        foreach ((string, PeerRole) key in _queues.Where(q => q.Value.IsEmpty).Select(q => q.Key).ToList())
            _queues.Remove(key);
    }
}
