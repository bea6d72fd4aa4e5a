#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>
/// The range of every option, for the API, the tool and the cmdlets. The cmdlets compile this file into their own assembly. Times are
/// in seconds, sizes in bytes; 0 means no limit where the help of the option says so.
/// </summary>
internal static class OptionLimits
{
    /// <summary>The longest time-out, 365 days. A timer does not support much longer times.</summary>
    public const int MaxWait = 365 * 24 * 3600;

    public const int MinConnectionTimeout = 1;
    public const int MaxConnectionTimeout = 3600;
    public const int MinSilenceTimeout = 5;
    public const int MaxSilenceTimeout = 3600;
    public const int MaxMeasureTime = 60;

    public const int MinDirectPort = 1024;

    /// <summary>Parallel connections use the 15 ports after it.</summary>
    public const int MaxDirectPort = 65535 - 15;

    public const int MinChunkSize = 512 << 10;
    public const int MaxChunkSize = 4 << 20;
    public const int MaxConnectionCount = 16;
    public const int MaxSenderName = 255;

    /// <summary>Faster than any network, and small enough that sums do not overflow.</summary>
    public const long MaxRate = 1L << 50;

    public const int MaxModifyWindow = 86400;
    public const int MaxDrainTimeout = 86400;
    public const long MinCount = 1;
    public const long MaxAmount = long.MaxValue;

    public const int MinCodeWords = 3;
    public const int MaxCodeWords = 12;

    public const int MinHeadBytes = 1024;
    public const int MaxHeadBytes = 65536;
    public const int MinRequestTimeout = 1;
    public const int MaxRequestTimeout = 3600;
    public const int MaxRelayCount = 1_000_000;
    public const int MinRelayWait = 60;
    public const int MaxRelayWait = 86400;
    public const int MinIdleTimeout = 30;
    public const int MaxIdleTimeout = 86400;
    public const long MinMessageBytes = 65536;
    public const long MaxMessageBytes = 1L << 30;

    /// <summary>At a lower rate a pair could not send its heartbeats.</summary>
    public const long MinRelayRate = 65536;
    public const int MaxReconnectAfter = 60;
}
