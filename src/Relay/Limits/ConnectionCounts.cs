namespace P2PCopy.Relay.Limits;

/// <summary>Open connections, in all and by address. Safe to use from any thread.</summary>
internal sealed class ConnectionCounts
{
    // Connections above a limit that are accepted, so that the relay can tell them why it refuses them.
    private const int MaxRefusalLane = 64;

    private const int FewestHandles = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private readonly int _maxPerAddress;
    private readonly int _refusalLane;
    private int _all;

    /// <param name="maxConnections">The limit for all connections.</param>
    /// <param name="maxPerAddress">The limit for one address; 0 is without a limit.</param>
    /// <param name="handles">How many connections the system allows; null if it is unknown.</param>
    /// <exception cref="P2PException">The system allows too few.</exception>
    public ConnectionCounts(int maxConnections, int maxPerAddress, int? handles)
    {
        if (handles < FewestHandles)
            throw new P2PException(P2PErrorCode.Failure, "The system allows this process too few open files for a relay.") { Hint = "Raise the limit with `ulimit -n`, or with LimitNOFILE= of the service." };
        _refusalLane = Math.Min(MaxRefusalLane, (handles ?? int.MaxValue) / 4);
        Max = Math.Min(maxConnections, (handles ?? int.MaxValue) - _refusalLane);
        _maxPerAddress = maxPerAddress == 0 ? int.MaxValue - MaxRefusalLane - 1 : maxPerAddress;
    }

    /// <summary>The limit for all connections, by the options and the system.</summary>
    public int Max { get; }

    /// <summary>Open connections, joined or not.</summary>
    public int All
    {
        get
        {
            lock (_lock)
                return _all;
        }
    }

    /// <summary>Whether there are more connections than allowed.</summary>
    public bool IsFull => All > Max;

    /// <summary>Counts a new connection; null when there are too many even to refuse it with a reason.</summary>
    /// <param name="group">The group of its address; null for a proxy, whose connections are counted when they name a client.</param>
    public Lease? Add(string? group)
    {
        lock (_lock)
        {
            if (_all >= Max + _refusalLane || (group is not null && Of(group) >= _maxPerAddress + _refusalLane))
                return null;
            _all++;
            Count(group, 1);
            return new Lease(this, group);
        }
    }

    /// <summary>Counts a connection for the client that a PROXY header names; false when that address has too many.</summary>
    public bool TryAssign(Lease lease, string group) => TryMove(lease, group, _refusalLane);

    /// <summary>Counts a connection that joins for its client's address; false when that address has too many.</summary>
    public bool TryJoin(Lease lease, string group) => TryMove(lease, group, 0);

    private bool TryMove(Lease lease, string group, int above)
    {
        lock (_lock)
        {
            bool counted = lease.Group == group;
            if (Of(group) >= _maxPerAddress + above + (counted ? 1 : 0))
                return false;
            if (!counted)
            {
                Count(lease.Group, -1);
                Count(group, 1);
                lease.Group = group;
            }

            return true;
        }
    }

    private int Of(string group) => _byAddress.GetValueOrDefault(group);

    private void Count(string? group, int by)
    {
        if (group is null)
            return;
        int now = Of(group) + by;
        if (now == 0)
            _byAddress.Remove(group);
        else
            _byAddress[group] = now;
    }

    /// <summary>The count of one connection; disposing it ends the count.</summary>
    internal sealed class Lease(ConnectionCounts counts, string? group) : IDisposable
    {
        private int _disposed;

        /// <summary>The group that the connection is counted for.</summary>
        public string? Group { get; set; } = group;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            lock (counts._lock)
            {
                counts._all--;
                counts.Count(Group, -1);
            }
        }
    }
}
