namespace P2PCopy.Session.Links;

/// <summary>
/// Finds a connection that is silent while others of the session receive data. Each side sends on each of
/// several connections at least twice a second, so a connection that is silent alone is faulty long before
/// <c>SilenceTimeout</c>. The watch counts ticks and not time. After a pause of this machine, data of all connections waits, and
/// the connection that is read last must not count as silent. Not safe for several threads.
/// </summary>
internal sealed class SilenceWatch
{
    /// <summary>The time between two ticks.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Successive ticks without data after which a connection is silent: 2 s.</summary>
    public const int SilentTicks = 8;

    /// <summary>The same after which other connections send its data too: 1 s, two heartbeats.</summary>
    public const int SuspectTicks = 4;

    /// <summary>Ticks for which data counts as recent.</summary>
    private const int RecentTicks = 3;

    private readonly int[] _silent = new int[PeerSession.MaxLinks]; // ticks without data while others had some
    private readonly long[] _heardAt = new long[PeerSession.MaxLinks]; // the tick of the last data
    private long _tick = RecentTicks; // no data is recent yet

    /// <summary>Whether the connection may be silent.</summary>
    public bool IsSuspect(int connection) => _silent[connection] >= SuspectTicks;

    /// <summary>To be called at each tick.</summary>
    /// <param name="heard">For each connection with a link: whether it received data since the last tick; null without a link.</param>
    /// <returns>The connection to close; null if there is none.</returns>
    public int? Observe(ReadOnlySpan<bool?> heard)
    {
        _tick++;
        for (int i = 0; i < heard.Length; i++)
        {
            if (heard[i] != false)
                _silent[i] = 0;
            if (heard[i] == true)
                _heardAt[i] = _tick;
        }

        for (int i = 0; i < heard.Length; i++)
        {
            if (heard[i] == false && HasRecentOther(heard, i) && ++_silent[i] >= SilentTicks)
            {
                _silent[i] = 0;
                return i;
            }
        }

        return null;
    }

    private bool HasRecentOther(ReadOnlySpan<bool?> heard, int connection)
    {
        for (int i = 0; i < heard.Length; i++)
        {
            if (i != connection && heard[i] is not null && _tick - _heardAt[i] < RecentTicks)
                return true;
        }

        return false;
    }
}
