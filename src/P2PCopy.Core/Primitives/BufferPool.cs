namespace P2PCopy.Primitives;

/// <summary>
/// Buffers of one size, used again instead of allocated again. Unlike the shared array pool it does not round up to a
/// power of two, which for a chunk and its header would double the memory. Safe for any number of threads.
/// </summary>
internal sealed class BufferPool(int bufferLength)
{
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _free = []; // what was used last is still in the processor's cache

    /// <summary>Bytes in each buffer.</summary>
    public int BufferLength => bufferLength;

    public byte[] Rent()
    {
        lock (_lock)
        {
            if (_free.TryPop(out byte[]? buffer))
                return buffer;
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
}
