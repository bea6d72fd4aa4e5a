namespace P2PCopy.Session.Pairing;

/// <summary>
/// What this side remembers of wrong codes: how long nobody is let in after one, and how many a day there may be. Kept by
/// the client itself, since the relay may be the one who guesses. Safe from any thread.
/// </summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="dailyCap">Wrong codes within any 24 hours; 0 counts without a cap.</param>
internal sealed class GuessLedger(TimeProvider timeProvider, int dailyCap = 0)
{
    /// <summary>
    /// The cap of a standing receiver. Against 40 bits of secret these are chances of one in sixty million a year, while
    /// people who mistype stay far below it.
    /// </summary>
    public const int StandingDailyCap = 50;

    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Queue<long> _withinDay = new(); // when each of the last guesses was, at most the cap
    private int _inARow;
    private int _total;
    private long _since;
    private TimeSpan _pause;

    /// <summary>Guesses so far.</summary>
    public int Total
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    /// <summary>How long from now nobody is to be let in.</summary>
    public TimeSpan Closed
    {
        get
        {
            lock (_lock)
                return _pause - timeProvider.GetElapsedTime(_since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Somebody guessed wrong.</summary>
    public void Add()
    {
        lock (_lock)
        {
            _total++;
            _inARow++;
            _since = timeProvider.GetTimestamp();
            _pause = TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, 1 << Math.Min(_inARow, 10)));
            if (dailyCap == 0)
                return;
            while (_withinDay.Count > 0 && timeProvider.GetElapsedTime(_withinDay.Peek(), _since) >= Day)
                _withinDay.Dequeue();
            _withinDay.Enqueue(_since);
            if (_withinDay.Count >= dailyCap && Day - timeProvider.GetElapsedTime(_withinDay.Peek(), _since) is var rest && rest > _pause)
                _pause = rest;
        }
    }

    /// <summary>Somebody knew the code: the next wrong one is a slip again. The day's count stays.</summary>
    public void Forgive()
    {
        lock (_lock)
            _inARow = 0;
    }
}
