namespace P2PCopy.Simulation.World;

/// <summary>A clock that moves only when <see cref="Advance"/> is called: to the next timer, which then fires.</summary>
internal sealed class VirtualClock(Chance chance) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(SimTimer Timer, int Version), (long Due, ulong Order)> _due = new();

    /// <summary>Time since the start of the run.</summary>
    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Now.Ticks + TimeSpan.TicksPerDay; // never zero, which some code takes for "not yet"

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves to the next timer and fires it.</summary>
    /// <returns>False if there is none.</returns>
    public bool Advance()
    {
        while (_due.TryDequeue(out var next, out var priority))
        {
            if (!next.Timer.IsCurrent(next.Version))
                continue;
            Now = TimeSpan.FromTicks(Math.Max(Now.Ticks, priority.Due));
            next.Timer.Fire();
            return true;
        }

        return false;
    }

    // Timers of the same moment fire in a random order.
    private void Add(SimTimer timer, int version, TimeSpan wait)
        => _due.Enqueue((timer, version), ((Now + wait).Ticks, chance.Next()));

    private sealed class SimTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private readonly SimProcess? _process = SimProcess.Current;
        private TimeSpan _period;
        private int _version;
        private bool _isDisposed;

        public bool IsCurrent(int version) => version == _version && !_isDisposed && _process is not { IsDead: true };

        public void Fire()
        {
            if (_period > TimeSpan.Zero && _period != Timeout.InfiniteTimeSpan)
                clock.Add(this, ++_version, _period);
            else
                _version++;
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, s => callback(s), state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
                return false;
            _version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                clock.Add(this, _version, dueTime);
            return true;
        }

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
