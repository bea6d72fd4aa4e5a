using System.Globalization;

namespace P2PCopy.Relay.Options;

/// <summary>The ranges of <see cref="RelayOptions"/>.</summary>
internal static class RelayOptionsCheck
{
    private const long MinRate = 65536;

    /// <summary>Checks every number.</summary>
    /// <exception cref="P2PException">One is out of its range, or options contradict each other.</exception>
    public static void Check(RelayOptions o)
    {
        if (o.Listen.Count == 0)
            throw Invalid("`Listen` names no address; leave it out for *:8765.");
        if (o.Key is not null && o.Certificate is null)
            throw Invalid("`Key` is given without `Certificate`; wss needs both.");
        if (o.ProxyProtocol && o.TrustedProxies.Count == 0)
            throw Invalid("`ProxyProtocol` needs `TrustedProxies`: without them no PROXY header is believed.");

        Range(nameof(o.MaxHeadBytes), o.MaxHeadBytes, 1024, 65536);
        Range(nameof(o.HeadTimeoutSeconds), o.HeadTimeoutSeconds, 1, 3600);
        Range(nameof(o.TlsTimeoutSeconds), o.TlsTimeoutSeconds, 1, 3600);
        Range(nameof(o.MaxConnections), o.MaxConnections, 1, 1_000_000);
        Range(nameof(o.MaxConnectionsPerAddress), o.MaxConnectionsPerAddress, 0, 1_000_000);
        Range(nameof(o.MaxJoinsPerMinutePerAddress), o.MaxJoinsPerMinutePerAddress, 0, 1_000_000);
        Range(nameof(o.MaxJoinsPerMinutePerRoom), o.MaxJoinsPerMinutePerRoom, 0, 1_000_000);
        Range(nameof(o.MaxWaitingRooms), o.MaxWaitingRooms, 0, 1_000_000);
        Range(nameof(o.WaitTimeoutSeconds), o.WaitTimeoutSeconds, 60, 86400);
        Range(nameof(o.IdleTimeoutSeconds), o.IdleTimeoutSeconds, 30, 86400);
        Range(nameof(o.SessionTimeoutSeconds), o.SessionTimeoutSeconds, 0, int.MaxValue);
        Range(nameof(o.MaxMessageBytes), o.MaxMessageBytes, 65536, 1 << 30);
        Range(nameof(o.MaxBytesPerSession), o.MaxBytesPerSession, 0, long.MaxValue);
        Range(nameof(o.MaxBytesPerDay), o.MaxBytesPerDay, 0, long.MaxValue);
        Rate(nameof(o.MaxRatePerSession), o.MaxRatePerSession);
        Rate(nameof(o.MaxRate), o.MaxRate);
        Range(nameof(o.DrainTimeoutSeconds), o.DrainTimeoutSeconds, 0, 86400);
        Range(nameof(o.ReconnectAfterSeconds), o.ReconnectAfterSeconds, 0, 60);
    }

    private static void Range(string name, long value, long least, long most)
    {
        if (value < least || value > most)
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"`{name}` is {value}; it must be {least} to {most}."));
    }

    // Slower than this, a pair could not even keep its heartbeats.
    private static void Rate(string name, long value)
    {
        if (value != 0)
            Range(name, value, MinRate, long.MaxValue);
    }

    private static P2PException Invalid(string message) => new(P2PErrorCode.InvalidOption, message);
}
