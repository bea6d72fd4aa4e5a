namespace P2PCopy.Session.Pairing;

/// <summary>
/// Counts guesses at the code, limits them, and says how long new attempts stay blocked. A guess is charged before this
/// side sends its confirmation, because the confirmation shows whether the guess is right; it is refunded when the other
/// side proves the code. A connection that is cut and a pairing that is cancelled therefore stay charged. The client
/// counts, because the relay may be the attacker. Safe from any thread; at most one charge is open at a time.
/// </summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="limit">
/// Wrong confirmations after which this side accepts no further attempt; 0 is without a limit. Attempts that end without a
/// confirmation count against a limit of at least <see cref="UnansweredLimit"/>.
/// </param>
/// <param name="dailyAllowance">
/// Guesses within 24 hours after which every further one is followed by the longest block; 0 is without an allowance.
/// </param>
internal sealed class GuessLedger(TimeProvider timeProvider, int limit = 0, int dailyAllowance = 0)
{
    /// <summary>
    /// The allowance of a standing receiver. With one guess in <see cref="LongestBlock"/> afterwards, a secret of 40 bits
    /// is found within a year of constant attack with a chance of one in four million.
    /// </summary>
    public const int StandingDailyAllowance = 50;

    /// <summary>
    /// Attempts that may end without a confirmation. More than one, because a partner or a relay that fails at this moment
    /// looks the same as an attacker who disconnects.
    /// </summary>
    public const int UnansweredLimit = 3;

    /// <summary>The longest block after one guess. It bounds how long an attacker can keep other senders out.</summary>
    public static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly List<long> _recent = []; // times of the latest guesses, at most one more than the allowance
    private int _inARow;
    private int _total;
    private int _wrong;
    private TimeSpan _block;

    /// <summary>Guesses that were not refunded.</summary>
    public int Total
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    /// <summary>Whether the limit is reached: this side must not show a confirmation again.</summary>
    public bool IsSpent
    {
        get
        {
            lock (_lock)
                return limit > 0 && (_wrong >= limit || _total >= Math.Max(limit, UnansweredLimit));
        }
    }

    /// <summary>How long new attempts are still blocked.</summary>
    public TimeSpan Blocked
    {
        get
        {
            lock (_lock)
            {
                if (_block == TimeSpan.Zero)
                    return TimeSpan.Zero;
                TimeSpan left = _block - timeProvider.GetElapsedTime(_recent[^1]);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Charges a guess. To be called before the confirmation is sent.</summary>
    public void Charge()
    {
        lock (_lock)
        {
            long now = timeProvider.GetTimestamp();
            _total++;
            _inARow++;
            _recent.Add(now);
            if (_recent.Count > dailyAllowance + 1)
                _recent.RemoveAt(0);
            bool isOverAllowance = dailyAllowance > 0 && _recent.Count >= dailyAllowance
                && timeProvider.GetElapsedTime(_recent[^dailyAllowance], now) < Day;
            var backOff = TimeSpan.FromSeconds(1 << Math.Min(_inARow, 10));
            _block = isOverAllowance || backOff > LongestBlock ? LongestBlock : backOff;
        }
    }

    /// <summary>Refunds the open charge, because the other side has proved the code, and resets the back-off.</summary>
    public void Refund()
    {
        lock (_lock)
        {
            _total--;
            _inARow = 0;
            _block = TimeSpan.Zero;
            _recent.RemoveAt(_recent.Count - 1);
        }
    }

    /// <summary>Notes that the open charge was a wrong code, and not only a connection that ended.</summary>
    public void MarkWrong()
    {
        lock (_lock)
            _wrong++;
    }
}
