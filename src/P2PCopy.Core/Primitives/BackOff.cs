using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Primitives;

/// <summary>The pauses between attempts: each twice as long as the one before, up to a limit, and varied by 20 %.</summary>
/// <param name="first">The first pause.</param>
/// <param name="longest">The limit.</param>
internal sealed class BackOff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan _next = first;

    /// <summary>The pause before the next attempt.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, longest.Ticks));
        return Vary(pause);
    }

    /// <summary>A random time between 80 % and 120 % of the given time, so that many clients do not try at the same moment.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Spreads load; no secret depends on it.")]
    public static TimeSpan Vary(TimeSpan time) => time * (0.8 + (0.4 * RandomSource.Fraction()));
}
