namespace P2PCopy.Primitives;

/// <summary>
/// Buffers of one size, used again instead of allocated again. The shared array pool rounds up to a power of two, which for a
/// chunk and its header would double the memory, and keeps a few dozen, where a relay with a thousand pairs at work needs more.
/// Safe for any number of threads.
/// </summary>
internal sealed class BufferPool(int bufferLength)
{
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _free = []; // what was used last is still in the processor's cache

    // The lowest number of free buffers since the last trim: these were not needed.
    private int _unused;

    /// <summary>Bytes in each buffer.</summary>
    public int BufferLength => bufferLength;

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

        return GC.AllocateUninitializedArray<byte>(bufferLength);
    }

    /// <summary>Gives a buffer back; one of another size is left to the garbage collector.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length != bufferLength)
            return;
        lock (_lock)
            _free.Push(buffer);
    }

    /// <summary>Frees half of the buffers that were not needed since the last call. Call it at intervals for a long-lived pool.</summary>
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
