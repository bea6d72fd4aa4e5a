using System.Threading.Channels;
using P2PCopy.Compression;
using P2PCopy.Primitives;
using P2PCopy.Session;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Gives the chunks of a session in order, unpacked. Several are unpacked at the same time, a few ahead of whoever takes.
/// </summary>
internal sealed class ChunkSource
{
    private static readonly int Ahead = Math.Max(2, Environment.ProcessorCount);

    private readonly PeerSession _session;
    private readonly int _chunkSize;
    private readonly BufferPool _pool;
    private readonly Channel<Task<SourcedChunk>> _unpacked =
        Channel.CreateBounded<Task<SourcedChunk>>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });

    private ChunkSource(PeerSession session, int chunkSize)
    {
        _session = session;
        _chunkSize = chunkSize;
        _pool = new BufferPool(chunkSize);
    }

    /// <summary>Begins to take chunks from the session, until it is stopped.</summary>
    public static ChunkSource Start(PeerSession session, int chunkSize, CancellationToken stop)
    {
        var source = new ChunkSource(session, chunkSize);
        _ = source.PumpAsync(stop);
        return source;
    }

    /// <summary>The next chunk, or how many void ones come next.</summary>
    public async ValueTask<SourcedChunk> TakeAsync(CancellationToken cancellationToken)
    {
        Task<SourcedChunk> next = await _unpacked.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return await next.ConfigureAwait(false);
    }

    private async Task PumpAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                (IncomingChunk? chunk, long voidCount) = await _session.TakeChunkAsync(stop).ConfigureAwait(false);
                Task<SourcedChunk> unpacking = chunk is null
                    ? Task.FromResult(new SourcedChunk(null, default, voidCount, null))
                    : chunk.Header.Codec == (byte)CodecId.Raw
                        ? Task.FromResult(Raw(chunk))
                        : Task.Run(() => Unpack(chunk), CancellationToken.None);
                await _unpacked.Writer.WriteAsync(unpacking, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _unpacked.Writer.TryWrite(Task.FromException<SourcedChunk>(e));
            _unpacked.Writer.TryComplete(e);
        }
    }

    private SourcedChunk Raw(IncomingChunk chunk)
    {
        if (!IsLengthGood(chunk.Header) || chunk.Header.RawLength != chunk.Payload.Length)
            throw Damaged(chunk);
        return new SourcedChunk(chunk.Header, chunk.Payload, 0, chunk.Dispose);
    }

    private SourcedChunk Unpack(IncomingChunk chunk)
    {
        if (!IsLengthGood(chunk.Header) || ChunkCodecs.Find((CodecId)chunk.Header.Codec) is not { } codec)
            throw Damaged(chunk);
        byte[] buffer = _pool.Rent();
        Memory<byte> raw = buffer.AsMemory(0, chunk.Header.RawLength);
        try
        {
            codec.Decompress(chunk.Payload.Span, raw.Span);
        }
        catch (InvalidDataException)
        {
            _pool.Return(buffer);
            throw Damaged(chunk);
        }

        chunk.Dispose();
        return new SourcedChunk(chunk.Header, raw, 0, () => _pool.Return(buffer));
    }

    private bool IsLengthGood(ChunkHeader header) => header.RawLength > 0 && header.RawLength <= _chunkSize;

    private static P2PException Damaged(IncomingChunk chunk)
    {
        chunk.Dispose();
        return ProtocolErrors.Malformed($"chunk {chunk.Header.Number}, which cannot be unpacked");
    }
}

/// <summary>A chunk as it was before it travelled; or, without a header, void chunks.</summary>
internal sealed class SourcedChunk(ChunkHeader? header, ReadOnlyMemory<byte> raw, long voidCount, Action? release) : IDisposable
{
    public ChunkHeader? Header => header;

    public ReadOnlyMemory<byte> Raw => raw;

    public long VoidCount => voidCount;

    public void Dispose() => release?.Invoke();
}
