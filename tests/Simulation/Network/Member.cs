using P2PCopy.Relay.Http;
using P2PCopy.Relay.Rooms;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>A connection at the relay.</summary>
internal sealed class Member(Universe universe, JoinRequest join, SimProcess owner, Line line, RoomServices services) : IBreakable
{
    /// <summary>Its place in the rooms of the real relay, which neither reads nor writes.</summary>
    public Relay.Rooms.Member Place { get; } = new(services, Stream.Null, join, () => { }) { Group = owner.Name };

    public string Room => join.Room;

    public PeerRole Role => join.Role;

    public SimProcess Owner => owner;

    public Wire FromClient { get; } = new(universe, line);

    public Wire ToClient { get; } = new(universe, line);

    /// <summary>The other side of its pair.</summary>
    public Member? Partner { get; set; }

    public bool HasLeft { get; set; }

    /// <summary>Completes at the client when it is paired.</summary>
    public TaskCompletionSource Paired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells the client, which knows it after a while.</summary>
    public void TellPaired() => Timers.Start(universe, line.Delay(universe.Chance, 100), () => Paired.TrySetResult());

    public void Cut()
    {
        FromClient.Cut(WireEnd.Network);
        ToClient.Cut(WireEnd.Network);
    }

    /// <summary>The client ends the connection at once.</summary>
    public void Abort()
    {
        FromClient.Cut(WireEnd.Sender);
        ToClient.Cut(WireEnd.Reader);
    }

    public void Swallow(bool incoming, bool outgoing)
    {
        if (incoming)
            ToClient.Swallow();
        if (outgoing)
            FromClient.Swallow();
    }
}
