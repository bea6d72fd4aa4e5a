namespace P2PCopy.Tests.Testing;

/// <summary>
/// The system's clock, until a test says how much time may still pass: then it stands still, and a timer that is due later
/// does not fire. What ends all the same has waited for no longer than that, however slow the machine is.
/// </summary>
internal sealed class StoppableClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _held = [];
    private long _end = long.MaxValue;
    private long _stood;

    public override long GetTimestamp()
    {
        lock (_lock)
            return Math.Min(System.GetTimestamp() - _stood, _end);
    }

    /// <summary>Lets this much time pass and no more.</summary>
    public void StopAfter(TimeSpan time)
    {
        lock (_lock)
            _end = System.GetTimestamp() - _stood + InUnits(time);
    }

    /// <summary>Goes on from where it stands.</summary>
    public void Resume()
    {
        Timer[] held;
        lock (_lock)
        {
            _stood += Math.Max(0, System.GetTimestamp() - _stood - _end);
            _end = long.MaxValue;
            held = [.. _held];
            _held.Clear();
        }

        foreach (Timer timer in held)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => new Timer(this, () => callback(state), dueTime, period);

    private static long InUnits(TimeSpan time) => (long)(time.TotalSeconds * System.TimestampFrequency);

    private sealed class Timer : ITimer
    {
        private readonly StoppableClock _clock;
        private readonly Action _callback;
        private readonly ITimer _inner;
        private long _due;
        private TimeSpan _period;

        public Timer(StoppableClock clock, Action callback, TimeSpan dueTime, TimeSpan period)
        {
            (_clock, _callback) = (clock, callback);
            _inner = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public void Fire()
        {
            lock (_clock._lock)
            {
                bool held = _due > _clock._end;
                if (_period > TimeSpan.Zero)
                    _due += InUnits(_period);
                else if (held)
                    _clock._held.Add(this);
                if (held)
                    return;
            }

            _callback();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long now = _clock.GetTimestamp();
            lock (_clock._lock)
            {
                _clock._held.Remove(this);
                _period = period;
                _due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : now + InUnits(dueTime);
            }

            return _inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            lock (_clock._lock)
                _clock._held.Remove(this);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
