using P2PCopy.Primitives;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>
/// A relay with the rules of src/Relay/Rooms: one sender and one receiver in a room, a member replaces its own earlier connection,
/// another of its role is refused, a pair ends when one of it leaves. It reads a message before it decides where it goes.
/// </summary>
internal sealed class SimRelay(Universe universe)
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(120);

    private readonly Dictionary<string, RolePair<Member>> _rooms = new(StringComparer.Ordinal);
    private readonly List<Member> _members = [];
    private int _stops;

    /// <summary>Nothing can be joined.</summary>
    public bool IsDown { get; private set; }

    public int Pairs { get; private set; }

    /// <summary>Chunks that clients have sent.</summary>
    public int Chunks { get; set; }

    /// <summary>Messages that have passed.</summary>
    public long Messages { get; private set; }

    /// <summary>Sees each message on its way, and what it returns goes on; null loses it.</summary>
    public Func<Member, byte[], byte[]?> OnMessage { get; set; } = (_, message) => message;

    /// <summary>The connections that are open.</summary>
    public IReadOnlyList<Member> Members => _members;

    /// <summary>Admits a client that has connected.</summary>
    /// <returns>Null if another client has its role in the room.</returns>
    public Member? Join(string room, PeerRole role, string member, SimProcess owner, Line line)
    {
        if (!_rooms.TryGetValue(room, out RolePair<Member>? joined))
            _rooms.Add(room, joined = new RolePair<Member>());
        if (joined[role] is { } other)
        {
            if (other.Token != member)
                return null;
            universe.Trace.Add("relay-replaced", $"{role} in {room[..4]}");
            Leave(other, "it was replaced");
            if (!_rooms.TryGetValue(room, out joined))
                _rooms.Add(room, joined = new RolePair<Member>());
        }

        var newcomer = new Member(universe, room, role, member, owner, line);
        joined[role] = newcomer;
        _members.Add(newcomer);
        if (joined[role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send] is { } partner)
        {
            Pairs++;
            (newcomer.Partner, partner.Partner) = (partner, newcomer);
            universe.Trace.Add("relay-paired", room[..4]);
            newcomer.TellPaired();
            partner.TellPaired();
        }

        _ = ForwardAsync(newcomer);
        return newcomer;
    }

    /// <summary>Takes a member out of its room, and ends its pair.</summary>
    public void Leave(Member member, string why)
    {
        if (!_members.Remove(member))
            return;
        universe.Trace.Add("relay-left", $"{member.Role} in {member.Room[..4]}: {why}");
        if (_rooms.TryGetValue(member.Room, out RolePair<Member>? room) && room[member.Role] == member)
        {
            room[member.Role] = null;
            if (room.IsEmpty)
                _rooms.Remove(member.Room);
        }

        member.HasLeft = true;
        member.ToClient.Close();
        if (member.Partner is not { } partner)
            return;
        member.Partner = null;
        partner.Partner = null;
        Leave(partner, "the other side left");
    }

    /// <summary>The relay is gone for a time, with all it knew.</summary>
    public void Restart(TimeSpan pause)
    {
        universe.Trace.Add("relay-restart", pause.ToString());
        int stop = ++_stops;
        foreach (Member member in _members.ToList())
        {
            _members.Remove(member);
            member.HasLeft = true;
            member.Partner = null;
            member.Cut();
        }

        _rooms.Clear();
        IsDown = true;
        Timers.Start(universe, pause, () => IsDown &= stop != _stops);
    }

    private async Task ForwardAsync(Member member)
    {
        try
        {
            while (true)
            {
                byte[] message = await member.FromClient.ReceiveAsync(CancellationToken.None).ConfigureAwait(false);
                if (member.Partner is not { } partner)
                    continue; // it has left: what arrives now is thrown away
                Messages++;
                if (OnMessage(member, message) is { } passed)
                    await PassOnAsync(partner, passed).ConfigureAwait(false);
            }
        }
        catch (Transport.ChannelClosedException)
        {
            Leave(member, "its connection ended");
        }
    }

    private async Task PassOnAsync(Member partner, byte[] message)
    {
        using var stalled = new CancellationTokenSource(IdleTimeout, universe.Clock);
        try
        {
            await partner.ToClient.SendAsync(message, stalled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Leave(partner, "it does not read");
            partner.Cut();
        }
        catch (Transport.ChannelClosedException)
        {
            Leave(partner, "its connection ended");
        }
    }
}
