namespace P2PCopy.Relay;

/// <summary>
/// Buffers of one size for the connections that are moving something. The shared pool of the runtime keeps a few dozen;
/// with a thousand pairs at work all others would be large objects made and thrown away thousands of times a second, and
/// collecting those holds up everybody. This one keeps as many as were lately in use. Safe to use from any thread.
/// </summary>
internal sealed class BufferPool(int size)
{
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _free = new();

    // The fewest that lay here since the last trim: so many nobody needed.
    private int _unused;

    /// <summary>How many lie here.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
                return _free.Count;
        }
    }

    /// <summary>Takes a buffer; what it holds is undefined.</summary>
    public byte[] Rent()
    {
        lock (_lock)
        {
            if (_free.TryPop(out byte[]? buffer))
            {
                _unused = Math.Min(_unused, _free.Count);
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        lock (_lock)
            _free.Push(buffer);
    }

    /// <summary>Lets go of half of what nobody needed since the last time; called once a second.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            for (int surplus = (_unused + 1) / 2; surplus > 0; surplus--)
                _free.Pop();
            _unused = _free.Count;
        }
    }
}
