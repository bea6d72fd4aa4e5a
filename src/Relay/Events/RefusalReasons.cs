namespace P2PCopy.Relay.Events;

/// <summary>The reasons of refusals in the metrics. All are there from the start, so that a rate is known from the first one.</summary>
internal static class RefusalReasons
{
    public static readonly IReadOnlyList<string> All =
    [
        "address", "broken", "day", "draining", "dropped", "failures", "forbidden", "frames", "full", "handles", "head", "internal", "malformed",
        "method", "path", "policy", "rate", "role", "rooms", "slow", "tls", "token", "token-connections", "token-day",
        "upgrade",
    ];
}
