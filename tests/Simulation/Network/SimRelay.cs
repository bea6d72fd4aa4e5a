using P2PCopy.Relay;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Rooms;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>
/// A relay: <see cref="RoomTable"/> and <see cref="PairSession"/> of the real one decide who may join, who is paired, who is replaced, who
/// leaves with whom, and how long a pair may be idle. How messages pass is modelled: it reads one before it decides where it goes.
/// </summary>
internal sealed class SimRelay(Universe universe)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly List<Member> _members = [];
    private readonly Dictionary<Relay.Rooms.Member, Member> _ofPlace = []; // also those that have left
    private RoomServices _services = NewServices(universe);
    private ITimer? _tick;
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
        _tick ??= Timers.Start(universe, Tick, OnTick);
        var newcomer = new Member(universe, new JoinRequest(room, role, member, "", null), owner, line, _services);
        RoomPlacement placement = _services.Rooms.Place(newcomer.Place);
        if (placement.Refusal is not null)
        {
            universe.Trace.Add("relay-refused", $"{role} in {room[..4]}");
            return null;
        }

        _members.Add(newcomer);
        _ofPlace.Add(newcomer.Place, newcomer);
        if (placement.Widowed is { } widowed)
            End(_ofPlace[widowed], "the other side joined again");
        if (placement.Replaced is { } replaced)
            End(_ofPlace[replaced], "it was replaced");
        if (placement.Partner is { } joined)
        {
            Pairs++;
            Member partner = _ofPlace[joined];
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
        if (member.HasLeft)
            return;
        Relay.Rooms.Member? widowed = _services.Rooms.Leave(member.Place);
        End(member, why);
        if (widowed is not null)
            End(_ofPlace[widowed], "the other side left");
    }

    private void End(Member member, string why)
    {
        if (!_members.Remove(member))
            return;
        universe.Trace.Add("relay-left", $"{member.Role} in {member.Room[..4]}: {why}");
        member.HasLeft = true;
        member.Partner = null;
        member.ToClient.Close();
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

        _services = NewServices(universe);
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
                member.Place.Session!.Touch();
                member.Place.Session.Charge(message.Length);
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
        using var stalled = new CancellationTokenSource(_services.Options.IdleTimeout, universe.Clock);
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

    // The time limits of the real relay's members.
    private void OnTick()
    {
        _tick = _members.Count > 0 ? Timers.Start(universe, Tick, OnTick) : null;
        _services.Rooms.Tick();
        _services.Returning.Tick();
        foreach (Member member in _members.ToList())
        {
            if (member.Place.Session is { } session ? session.ReachedLimit() is not null : member.Place.Duration >= _services.Options.WaitTimeout)
                Leave(member, "a time limit");
        }
    }

    private static RoomServices NewServices(Universe universe)
    {
        var options = new RelayOptions { TimeProvider = universe.Clock, IdleTimeout = TimeSpan.FromSeconds(120) };
        return new RoomServices(options, new Traffic(options), new RelayCounters());
    }
}
