using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>How good a client's access to the network is. It may change at any time.</summary>
internal sealed class Line
{
    /// <summary>The shortest time of a message to the relay.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The largest random time on top.</summary>
    public TimeSpan Jitter { get; set; } = TimeSpan.FromMilliseconds(1);

    public double BytesPerSecond { get; set; } = 10_000_000;

    /// <summary>Bytes that may be under way before a send waits.</summary>
    public int Capacity { get; set; } = 64 << 10;

    /// <summary>No new connection succeeds.</summary>
    public bool IsDown { get; set; }

    /// <summary>The time of a message that does not wait for others.</summary>
    public TimeSpan Delay(Chance chance, int bytes) => Latency + Jitter * chance.Fraction() + Transmission(bytes);

    /// <summary>The time in which so many bytes pass.</summary>
    public TimeSpan Transmission(int bytes) => TimeSpan.FromSeconds(bytes / BytesPerSecond);
}
