using System.Globalization;
using P2PCopy.Primitives;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>The rooms and their members. The methods neither wait nor write; their callers inform the members.</summary>
internal sealed class RoomTable(RoomServices services)
{
    // A waiting client joins again about once a minute, and after a lost connection a few times more.
    private const int RejoinsPerMinute = 120;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, RoomMembers> _rooms = new(StringComparer.Ordinal);
    private readonly RoleQueues _queues = new(services.Clock);
    private int _pairs;
    private long _sessions;

    // Completed when the last pair ends; null while no drain waits for it.
    private TaskCompletionSource? _noPairs;

    /// <summary>Rooms with one member.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _rooms.Count - _pairs;
        }
    }

    /// <summary>Rooms with two members.</summary>
    public int Pairs
    {
        get
        {
            lock (_lock)
                return _pairs;
        }
    }

    /// <summary>Completes when there is no pair.</summary>
    public Task WhenNoPairsAsync()
    {
        lock (_lock)
        {
            if (_pairs == 0)
                return Task.CompletedTask;
            _noPairs ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _noPairs.Task;
        }
    }

    /// <summary>
    /// Whether this member is in this room already and did not join too often. Its new connection replaces the old one, so it
    /// counts neither for its address nor for the room.
    /// </summary>
    public bool AdmitsRejoin(JoinRequest join)
    {
        lock (_lock)
        {
            return RoomOf(join) is { } room
                && (room.Rejoins ??= new TokenBucket(RejoinsPerMinute / 60.0, RejoinsPerMinute, services.Clock)).TryTake();
        }
    }

    /// <summary>Whether the member that joins is in this room already, with another connection.</summary>
    public bool Holds(JoinRequest join)
    {
        lock (_lock)
            return RoomOf(join) is not null;
    }

    /// <summary>Puts a member into its room.</summary>
    public RoomPlacement Place(Member member)
    {
        lock (_lock)
        {
            bool known = _rooms.TryGetValue(member.Join.Room, out RoomMembers? room);
            room ??= new RoomMembers();
            Member? replaced = room[member.Join.Role];
            Member? widowed = null;
            if (replaced is not null)
            {
                if (replaced.Join.Member != member.Join.Member)
                {
                    _queues.Refuse(member.Group, member.Join, replaced.Group);
                    return new RoomPlacement(Refusal.RoleTaken);
                }

                widowed = Remove(room, replaced);
            }
            else if (!_queues.TryTake(member.Group, member.Join))
            {
                return new RoomPlacement(Refusal.RoleTaken);
            }
            else if (!known && services.Options.MaxWaitingRooms is > 0 and var most && _rooms.Count - _pairs >= most)
            {
                return new RoomPlacement(new Refusal(503, "rooms", string.Create(CultureInfo.InvariantCulture, $"{most} rooms have a waiting client, which is all this relay allows."), Refusal.ComeLater, 30));
            }

            _rooms[member.Join.Room] = room;
            room[member.Join.Role] = member;
            Member? partner = room[member.Join.Role.Other()];
            if (partner is not null)
            {
                _pairs++;
                partner.Session = member.Session = new PairSession(services, ++_sessions);
            }

            return new RoomPlacement(null, partner, replaced, widowed);
        }
    }

    /// <summary>Whether a client found its role taken, has a place in the queue, and did not try within the last second.</summary>
    public bool AdmitsQueued(JoinRequest join)
    {
        lock (_lock)
            return _queues.IsDue(join);
    }

    /// <summary>Called once a second.</summary>
    public void Tick()
    {
        lock (_lock)
            _queues.Tick();
    }

    /// <summary>Takes a member out of its room. If it was in a pair, its partner, now out too, is returned.</summary>
    public Member? Leave(Member member)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(member.Join.Room, out RoomMembers? room) || room[member.Join.Role] != member)
                return null;
            Member? widowed = Remove(room, member);
            if (room[member.Join.Role.Other()] is null)
                _rooms.Remove(member.Join.Room);
            return widowed;
        }
    }

    private Member? Remove(RoomMembers room, Member member)
    {
        room[member.Join.Role] = null;
        services.Returning.Remember(member);
        Member? widowed = room[member.Join.Role.Other()];
        if (widowed is not null)
        {
            services.Returning.Remember(widowed);
            room[widowed.Join.Role] = null;
            if (--_pairs == 0)
            {
                _noPairs?.TrySetResult();
                _noPairs = null;
            }
        }

        return widowed;
    }

    private RoomMembers? RoomOf(JoinRequest join)
        => _rooms.TryGetValue(join.Room, out RoomMembers? room) && room[join.Role]?.Join.Member == join.Member ? room : null;

    private sealed class RoomMembers
    {
        private readonly RolePair<Member> _members = new();

        public TokenBucket? Rejoins { get; set; }

        public Member? this[PeerRole role]
        {
            get => _members[role];
            set => _members[role] = value;
        }
    }
}
