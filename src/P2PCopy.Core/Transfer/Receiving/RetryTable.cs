namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// The files of a session that failed in a way that a second attempt may correct. Each name has one more attempt, which
/// continues its report line. Safe from any thread.
/// </summary>
internal sealed class RetryTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Records a failure.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="line">Its report line.</param>
    /// <returns>False if the name has had its second attempt.</returns>
    public bool Add(string name, int line)
    {
        lock (_lock)
            return !_used.Contains(name) && _open.TryAdd(name, line);
    }

    /// <summary>Whether a name has an attempt left.</summary>
    public bool Contains(string name)
    {
        lock (_lock)
            return _open.ContainsKey(name);
    }

    /// <summary>Uses up the second attempt of a name.</summary>
    public bool TryTake(string name, out int line)
    {
        lock (_lock)
            return _open.Remove(name, out line) && _used.Add(name);
    }
}
