using P2PCopy.Simulation.Network;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>Lets the faults of a plan happen.</summary>
internal sealed class FaultPlayer(Universe universe, SimRelay relay, Ledger ledger, IReadOnlyDictionary<PeerRole, Side> sides)
{
    private readonly Dictionary<string, (int Calls, Action Action, int Error)> _atCall = [];
    private int _corrupt;
    private bool _isOver;

    /// <summary>The last moment at which a fault began or ended.</summary>
    public TimeSpan LastDisturbance { get; private set; }

    /// <summary>The machine of the receiver has lost power, and what was not written through.</summary>
    public bool HasLostPower { get; private set; }

    /// <summary>Connections that were lost by a fault.</summary>
    public int Losses { get; private set; }

    public void Begin(Plan plan)
    {
        universe.Disk.Fault = DiskCall;
        relay.OnMessage = Pass;
        universe.Direct.Reaching.UnionWith(plan.Reaching);
        universe.Direct.IsSeparated = plan.IsSeparated;
        Restore(universe.Direct.Line, plan.Directly);
        foreach (Side side in sides.Values)
            Restore(side.Line, plan.Relayed);
        foreach (Fault fault in plan.Faults)
            Later(fault.At, () => Play(fault));
    }

    /// <summary>Ends all faults.</summary>
    public void End()
    {
        _isOver = true;
        _atCall.Clear();
        _corrupt = 0;
        universe.Disk.Free = 1L << 40;
        relay.Restart(TimeSpan.Zero); // forgets connections that only the relay still has
        foreach (Side side in sides.Values)
        {
            Restore(side.Line);
            side.Line.IsDown = false;
            side.GhostPercent = 0;
            universe.Direct.Reaching.Add(side.Role);
        }

        universe.Direct.IsBlocked = universe.Direct.IsSeparated = false;
        universe.Direct.TakenPercent = 0;
        Restore(universe.Direct.Line);
    }

    private void Play(Fault fault)
    {
        Side side = sides[fault.Side];
        Chance chance = universe.Chance;
        universe.Trace.Add("fault", fault.ToString());
        LastDisturbance = universe.Clock.Now;
        List<Member> members = [.. relay.Members.Where(member => member.Owner == side.Process)];
        List<SimSocket> direct = universe.Direct.ConnectionsOf(side.Process);
        Member? one = members.Count > 0 ? members[fault.Number % members.Count] : null;
        switch (fault.Kind)
        {
            case FaultKind.Cut when one is not null:
                Lose(one);
                break;
            case FaultKind.CutAll:
                members.ForEach(Lose);
                if (fault.Number % 2 == 0)
                    direct.ForEach(Lose);
                break;
            case FaultKind.Swallow when one is not null:
                Swallow(one, fault.Number);
                break;
            case FaultKind.SwallowAll:
                members.ForEach(member => Swallow(member, fault.Number));
                if (fault.Number % 2 == 0)
                    direct.ForEach(socket => Swallow(socket, fault.Number));
                break;
            case FaultKind.Outage:
                side.Line.IsDown = true;
                members.ForEach(member => Swallow(member, 0));
                Block(direct);
                Until(fault, () => side.Line.IsDown = universe.Direct.IsBlocked = false);
                break;
            case FaultKind.DirectCut when direct.Count > 0:
                Lose(direct[fault.Number % direct.Count]);
                break;
            case FaultKind.DirectSwallow:
                direct.ForEach(socket => Swallow(socket, fault.Number));
                break;
            case FaultKind.DirectBlock:
                Block(direct);
                Until(fault, () => universe.Direct.IsBlocked = false);
                break;
            case FaultKind.DirectSpeed when fault.Number % 3 == 0:
                Restore(universe.Direct.Line);
                break;
            case FaultKind.DirectSpeed:
                Slow(universe.Direct.Line);
                break;
            case FaultKind.Stranger when side.Process is { } victim:
                byte[] greeting = new byte[chance.Of(0, 3, 36, 400)];
                chance.Fill(greeting);
                if (greeting.Length > 4 && chance.Percent(70))
                    System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(greeting, greeting.Length - 4);
                universe.Direct.Intrude(victim, greeting);
                break;
            case FaultKind.Slow:
                Slow(side.Line);
                break;
            case FaultKind.Fast:
                Restore(side.Line);
                break;
            case FaultKind.Relay:
                Losses += relay.Members.Count;
                relay.Restart(fault.For / 4);
                Until(fault, () => { });
                break;
            case FaultKind.Ghosts:
                side.GhostPercent = 50;
                Until(fault, () => side.GhostPercent = 0);
                break;
            case FaultKind.Corrupt:
                _corrupt = fault.Number % 2 + 1;
                Losses += _corrupt;
                break;
            case FaultKind.DiskFull:
                universe.Disk.Free = fault.Number * 20;
                Until(fault, () => universe.Disk.Free = 1L << 40);
                break;
            case FaultKind.DiskError:
                AtCall(side, fault.Number % 60, () => { }, chance.Of(5, 13, 28, 24));
                break;
            case FaultKind.Busy when side.Process is { } process:
                process.Slowness = chance.Of(10, 100, 1000);
                Until(fault, () => process.Slowness = 1);
                break;
            case FaultKind.Kill or FaultKind.PowerCut when side.IsRunning:
                bool isPower = fault.Kind == FaultKind.PowerCut;
                if (fault.Number % 2 == 0)
                    Kill(side, isPower, fault);
                else
                    AtCall(side, fault.Number % 60, () => Kill(side, isPower, fault), 0);
                break;
            case FaultKind.SourceChange:
                ledger.ChangeSource(fault.Number, chance);
                break;
            case FaultKind.DestinationChange:
                ledger.ChangeDestination(fault.Number, chance);
                break;
            case FaultKind.Cancel when side.IsRunning && fault.Number % 4 == 0:
                side.Cancel();
                break;
        }
    }

    // Sometimes the program is started again.
    private void Kill(Side side, bool isPower, Fault fault)
    {
        if (!side.IsRunning)
            return;
        side.Kill();
        universe.Trace.Add(isPower ? "power-cut" : "killed", $"{side.Role}");
        LastDisturbance = universe.Clock.Now;
        Losses += 16;
        if (isPower && side.Role == PeerRole.Receive)
        {
            HasLostPower = true;
            universe.Disk.LosePower("/r");
        }

        if (fault.Number % 10 < 7)
            Later(fault.For, () => _ = side.RunAsync());
    }

    private void AtCall(Side side, int calls, Action action, int error)
    {
        if (side.Process is { } process)
            _atCall[process.Name] = (calls, action, error);
    }

    private int DiskCall(string call, string path)
    {
        string name = SimProcess.Current!.Name;
        if (_atCall.Count == 0 || !_atCall.TryGetValue(name, out var due))
            return 0;
        if (due.Calls > 0)
        {
            _atCall[name] = due with { Calls = due.Calls - 1 };
            return 0;
        }

        _atCall.Remove(name);
        LastDisturbance = universe.Clock.Now;
        due.Action();
        return due.Error;
    }

    private byte[]? Pass(Member from, byte[] message)
    {
        if (_corrupt == 0 || message.Length == 0)
            return message;
        _corrupt--;
        universe.Trace.Add("corrupt", from.Room[..4]);
        byte[] changed = [.. message];
        changed[universe.Chance.Below(changed.Length)] ^= (byte)(1 << universe.Chance.Below(8));
        return changed;
    }

    private void Lose(IBreakable connection)
    {
        Losses++;
        connection.Cut();
    }

    private void Swallow(IBreakable connection, int number)
    {
        Losses++;
        connection.Swallow(incoming: number % 3 != 1, outgoing: number % 3 != 2);
    }

    private void Block(List<SimSocket> direct)
    {
        universe.Direct.IsBlocked = true;
        direct.ForEach(socket => Swallow(socket, 0));
    }

    private void Slow(Line line)
    {
        line.Latency = universe.Chance.Time(0.005, 0.5);
        line.Jitter = universe.Chance.Time(0.001, 0.5);
        line.BytesPerSecond = universe.Chance.Of(20_000, 100_000, 1_000_000);
        line.Capacity = universe.Chance.Of(4 << 10, 16 << 10, 64 << 10);
    }

    private static void Restore(Line line, Speed? speed = null)
    {
        (line.Latency, line.BytesPerSecond) = (speed ?? Speed.Fast);
        line.Jitter = TimeSpan.FromMilliseconds(1);
        line.Capacity = 64 << 10;
    }

    private void Until(Fault fault, Action end) => Later(fault.For, () =>
    {
        LastDisturbance = universe.Clock.Now;
        end();
    });

    private void Later(TimeSpan time, Action action) => Timers.Start(universe, time, () =>
    {
        if (!_isOver)
            action();
    });
}
