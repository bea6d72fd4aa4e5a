using System.Globalization;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>What became of a member that wished to join.</summary>
/// <param name="Refusal">Why it may not; everything else is null then.</param>
/// <param name="Partner">The other role, if it was there: the two are a pair now.</param>
/// <param name="Replaced">An earlier connection of the same member, now out of the room.</param>
/// <param name="Widowed">The partner that the replaced one had, now out of the room too.</param>
internal readonly record struct RoomPlacement(Refusal? Refusal, Member? Partner = null, Member? Replaced = null, Member? Widowed = null);

/// <summary>Who is in which room. Nothing here waits or writes: callers tell the members what happened to them.</summary>
internal sealed class RoomTable(RelayHub hub)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private int _pairs;

    /// <summary>Rooms with one member.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _rooms.Count - _pairs;
        }
    }

    /// <summary>Rooms with both.</summary>
    public int Pairs
    {
        get
        {
            lock (_lock)
                return _pairs;
        }
    }

    /// <summary>Whether this join is a member that is there already: it is not counted against the rates.</summary>
    public bool IsRejoin(JoinRequest join)
    {
        lock (_lock)
            return _rooms.TryGetValue(join.Room, out Room? room) && room[join.Role]?.Join.Member == join.Member;
    }

    /// <summary>Puts a member into its room.</summary>
    public RoomPlacement Place(Member member)
    {
        lock (_lock)
        {
            bool known = _rooms.TryGetValue(member.Join.Room, out Room? room);
            room ??= new Room();
            Member? replaced = room[member.Join.Role];
            Member? widowed = null;
            if (replaced is not null)
            {
                if (replaced.Join.Member != member.Join.Member)
                    return new RoomPlacement(Refusal.RoleTaken);
                widowed = Remove(room, replaced);
            }
            else if (!known && hub.Options.MaxWaitingRooms is > 0 and var most && _rooms.Count - _pairs >= most)
            {
                return new RoomPlacement(new Refusal(503, "rooms", string.Create(CultureInfo.InvariantCulture, $"In {most} rooms somebody waits already, which is all this relay allows; try again later or use another relay."), 30));
            }

            _rooms[member.Join.Room] = room;
            room[member.Join.Role] = member;
            Member? partner = room[Other(member.Join.Role)];
            if (partner is not null)
            {
                _pairs++;
                partner.Session = member.Session = new PairSession(hub);
            }

            return new RoomPlacement(null, partner, replaced, widowed);
        }
    }

    /// <summary>Takes a member out; a pair ends, and its other half, now out too, is returned.</summary>
    public Member? Leave(Member member)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(member.Join.Room, out Room? room) || room[member.Join.Role] != member)
                return null;
            Member? widowed = Remove(room, member);
            if (room[Other(member.Join.Role)] is null)
                _rooms.Remove(member.Join.Room);
            return widowed;
        }
    }

    private Member? Remove(Room room, Member member)
    {
        room[member.Join.Role] = null;
        hub.Returning.Remember(member);
        Member? widowed = room[Other(member.Join.Role)];
        if (widowed is not null)
        {
            hub.Returning.Remember(widowed);
            room[widowed.Join.Role] = null;
            _pairs--;
        }

        return widowed;
    }

    private static PeerRole Other(PeerRole role) => role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;

    private sealed class Room
    {
        private Member? _sender;
        private Member? _receiver;

        public Member? this[PeerRole role]
        {
            get => role == PeerRole.Send ? _sender : _receiver;
            set
            {
                if (role == PeerRole.Send)
                    _sender = value;
                else
                    _receiver = value;
            }
        }
    }
}
