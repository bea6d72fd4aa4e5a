using System.Collections.Concurrent;

namespace P2PCopy.Primitives;

/// <summary>
/// Buffers of one size, used again instead of allocated again. Unlike the shared array pool it does not round up to a
/// power of two, which for a chunk and its header would double the memory. Safe for any number of threads.
/// </summary>
internal sealed class BufferPool(int bufferLength)
{
    private readonly ConcurrentBag<byte[]> _free = [];

    /// <summary>Bytes in each buffer.</summary>
    public int BufferLength => bufferLength;

    public byte[] Rent() => _free.TryTake(out byte[]? buffer) ? buffer : GC.AllocateUninitializedArray<byte>(bufferLength);

    /// <summary>Gives a buffer back; one of another size is left to the garbage collector.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length == bufferLength)
            _free.Add(buffer);
    }
}
