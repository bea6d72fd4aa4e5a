namespace P2PCopy.Primitives;

/// <summary>
/// A pool of buffers of one size. The shared array pool rounds up to a power of two, which would double the memory for a chunk with
/// its header, and keeps only a few dozen buffers, fewer than a relay with a thousand active pairs needs. Safe to use from any
/// thread.
/// </summary>
internal sealed class BufferPool(int bufferLength)
{
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _free = []; // the last used buffer is still in the processor's cache

    // The lowest number of free buffers since the last trim. So many were not needed.
    private int _unused;

    /// <summary>Bytes in each buffer.</summary>
    public int BufferLength => bufferLength;

    /// <summary>Free buffers.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
                return _free.Count;
        }
    }

    /// <summary>Takes a buffer; its content is undefined.</summary>
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

    /// <summary>Returns a buffer; a buffer of another size is left to the garbage collector.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length != bufferLength)
            return;
        lock (_lock)
            _free.Push(buffer);
    }

    /// <summary>Frees half of the buffers that were not needed since the last call. To be called regularly for a long-lived pool.</summary>
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
