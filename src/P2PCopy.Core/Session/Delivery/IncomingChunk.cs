using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>A received chunk. Its buffer returns to the pool when it is disposed.</summary>
internal sealed class IncomingChunk(ChunkHeader header, ReadOnlyMemory<byte> payload, byte[] buffer, BufferPool pool) : IDisposable
{
    private byte[]? _buffer = buffer;

    public ChunkHeader Header => header;

    /// <summary>The payload as it was sent: compressed if the header says so.</summary>
    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } rented)
            pool.Return(rented);
    }
}
