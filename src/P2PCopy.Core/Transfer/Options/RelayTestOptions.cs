namespace P2PCopy;

/// <summary>The relay to test, and the time to measure it.</summary>
public sealed record RelayTestOptions : ConnectionOptions
{
    /// <summary>The relay: <c>wss://host</c>, <c>wss://host/prefix</c> or <c>ws://host:port</c>.</summary>
    public required Uri Relay { get; init; }

    /// <summary>Time to measure the throughput, at most a minute; zero measures none.</summary>
    public TimeSpan MeasureTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether to look at the possibility of direct connections: <see cref="DirectMode.Off"/> does not, and <see cref="DirectMode.Lan"/>
    /// asks neither the relay nor the router. Null, the default, takes the environment variable <c>P2PCOPY_DIRECT</c>, or
    /// <see cref="DirectMode.Auto"/> without one.
    /// </summary>
    public DirectMode? Direct { get; init; }
}
