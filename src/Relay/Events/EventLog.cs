namespace P2PCopy.Relay.Events;

/// <summary>
/// Passes events to the callback of the options, one at a time. Repeated refusals and accept failures are reported together: a
/// flood of them costs one event per network and interval. Safe to use from any thread.
/// </summary>
internal sealed class EventLog(Action<RelayEvent>? callback, Func<long> lostLines, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly RepeatedEvents<(string Client, int Status, string Reason)> _refusals = new(clock);
    private readonly RepeatedEvents<string> _acceptFailures = new(clock);
    private long _lost;

    /// <summary>Events that the callback did not accept because it failed, or that its log has dropped.</summary>
    public long Lost => Interlocked.Read(ref _lost) + lostLines();

    public void Add(RelayEvent happened)
    {
        if (callback is null)
            return;
        try
        {
            lock (_lock)
                callback(happened with { Time = clock.GetUtcNow() });
        }
        catch (Exception)
        {
            // A log that fails must not stop the relay.
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>A file of an option was read again.</summary>
    public void Reloaded(string what, Exception? problem)
        => Add(problem is null ? new RelayEvent.Reloaded(what) : new RelayEvent.ReloadFailed(what, problem is P2PException { Hint: { } hint } ? $"{problem.Message} {hint}" : problem.Message));

    public void Refused(string client, int status, string reason)
    {
        if (callback is not null && _refusals.Add((client, status, reason), ("other", status, reason)))
            Add(new RelayEvent.Refused(client, status, reason, 1));
    }

    public void AcceptFailed(string problem)
    {
        if (callback is not null && _acceptFailures.Add(problem, "other"))
            Add(new RelayEvent.AcceptFailed(problem, 1));
    }

    /// <summary>Reports what was repeated; called once a second.</summary>
    /// <param name="all">Whether the relay stops: report everything now.</param>
    public void Tick(bool all = false)
    {
        foreach (((string client, int status, string reason), long count) in _refusals.TakeDue(all))
            Add(new RelayEvent.Refused(client, status, reason, count));
        foreach ((string problem, long count) in _acceptFailures.TakeDue(all))
            Add(new RelayEvent.AcceptFailed(problem, count));
    }
}
