namespace P2PCopy;

/// <summary>The relay to test, and the time to measure it.</summary>
public sealed record RelayTestOptions : ConnectionOptions
{
    /// <summary>The relay: <c>wss://host</c>, <c>wss://host/prefix</c> or <c>ws://host:port</c>.</summary>
    public required Uri Relay { get; init; }

    /// <summary>Time to measure the throughput, at most a minute; zero measures none.</summary>
    public TimeSpan MeasureTime { get; init; } = TimeSpan.FromSeconds(2);
}
