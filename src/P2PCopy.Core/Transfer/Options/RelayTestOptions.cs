namespace P2PCopy;

/// <summary>Which relay to test, and how long to measure it.</summary>
public sealed record RelayTestOptions : ConnectionOptions
{
    internal const int LongestMeasure = 60;

    /// <summary>The relay: <c>wss://host</c>, <c>wss://host/prefix</c> or <c>ws://host:port</c>.</summary>
    public required Uri Relay { get; init; }

    /// <summary>Seconds to measure throughput for, 1 to 60; 0 does not measure it.</summary>
    public int MeasureSeconds { get; init; } = 2;
}
