using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

internal enum FaultKind
{
    /// <summary>A connection ends, and both ends notice.</summary>
    Cut,

    /// <summary>All connections of a side end.</summary>
    CutAll,

    /// <summary>The network loses what is sent on a connection, and nobody notices.</summary>
    Swallow,

    /// <summary>The same on all connections of a side.</summary>
    SwallowAll,

    /// <summary>A side has no network for a time.</summary>
    Outage,

    /// <summary>The line of a side becomes slow.</summary>
    Slow,

    /// <summary>The line of a side is as good as at the beginning.</summary>
    Fast,

    /// <summary>The relay is restarted.</summary>
    Relay,

    /// <summary>Joins are admitted, and the answer is lost.</summary>
    Ghosts,

    /// <summary>The relay, or a system on the path, changes a message.</summary>
    Corrupt,

    /// <summary>A direct connection ends, and both ends notice.</summary>
    DirectCut,

    /// <summary>The network loses what is sent on the direct connections, and nobody notices.</summary>
    DirectSwallow,

    /// <summary>The same, and no new one is possible for a time.</summary>
    DirectBlock,

    /// <summary>The direct way becomes slow, or as good as at the beginning.</summary>
    DirectSpeed,

    /// <summary>Someone else connects to a port of a side.</summary>
    Stranger,

    /// <summary>A call to the disk of a side fails once.</summary>
    DiskError,

    /// <summary>The disk of the receiver is full for a time.</summary>
    DiskFull,

    /// <summary>A side works slowly.</summary>
    Busy,

    /// <summary>A program is killed, in the middle of a call to the disk or between two.</summary>
    Kill,

    /// <summary>The machine of the receiver loses power.</summary>
    PowerCut,

    /// <summary>Another program changes a file of the sender.</summary>
    SourceChange,

    /// <summary>Another program creates or changes a file at the destination.</summary>
    DestinationChange,

    /// <summary>A side is cancelled by its user.</summary>
    Cancel,
}

/// <summary>A disturbance.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="At">When, after the start.</param>
/// <param name="Side">To whom.</param>
/// <param name="Number">A random number that selects a connection, a file or a call.</param>
/// <param name="For">How long.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan At, PeerRole Side, int Number, TimeSpan For)
{
    private static readonly FaultKind[] Common = [FaultKind.Cut, FaultKind.Cut, FaultKind.CutAll, FaultKind.Swallow, FaultKind.SwallowAll, FaultKind.Outage, FaultKind.Slow, FaultKind.Fast, FaultKind.Relay, FaultKind.Ghosts, FaultKind.Corrupt, FaultKind.DiskError, FaultKind.DiskError, FaultKind.DiskFull, FaultKind.Busy, FaultKind.Kill, FaultKind.Kill, FaultKind.PowerCut, FaultKind.SourceChange, FaultKind.DestinationChange, FaultKind.Cancel];

    private static readonly FaultKind[] WithDirect = [.. Common, FaultKind.DirectCut, FaultKind.DirectCut, FaultKind.DirectSwallow, FaultKind.DirectSwallow, FaultKind.DirectBlock, FaultKind.DirectBlock, FaultKind.DirectSpeed, FaultKind.DirectSpeed, FaultKind.Stranger];

    public static IReadOnlyList<Fault> Draw(Chance chance, bool isDirect)
    {
        int count = chance.Of(0, 1, 1, 2, 3, 5, 8);
        bool early = chance.Percent(70);
        var faults = new List<Fault>();
        for (int i = 0; i < count; i++)
        {
            FaultKind kind = chance.Of(isDirect ? WithDirect : Common);
            PeerRole side = chance.Percent(50) ? PeerRole.Send : PeerRole.Receive;
            TimeSpan at = early ? chance.Time(0.001, 1) : chance.Time(0.01, Plan.LastFault.TotalSeconds);
            faults.Add(new Fault(kind, at, side, chance.Below(1000), chance.Time(0.05, 40)));
        }

        return [.. faults.OrderBy(fault => fault.At)];
    }

    public override string ToString() => $"{Kind} of {Side} #{Number} at {At.TotalSeconds:0.000} s for {For.TotalSeconds:0.0} s";
}
