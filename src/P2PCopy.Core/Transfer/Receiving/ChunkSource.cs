using P2PCopy.Compression;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Returns the chunks of a session in order, decompressed. Several are decompressed at the same time, a few ahead of the reader.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class ChunkSource(PeerSession session, int chunkSize, ReportBook report)
{
    private static readonly int Ahead = Math.Max(2, Environment.ProcessorCount);

    private readonly BufferPool _pool = new(chunkSize);
    private readonly Queue<Task<SourcedChunk>> _begun = [];

    /// <summary>The next chunk, or the number of void chunks that follow.</summary>
    public async ValueTask<SourcedChunk> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_begun.Count <= Ahead && session.Chunks.TryTake(out IncomingChunk? chunk, out long voidCount))
                _begun.Enqueue(chunk is null ? Task.FromResult(new SourcedChunk(null, default, voidCount, null)) : Begin(chunk));
            if (_begun.TryDequeue(out Task<SourcedChunk>? next))
                return await next.ConfigureAwait(false);
            await session.Chunks.ChangeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<SourcedChunk> Begin(IncomingChunk chunk)
    {
        if (chunk.Header.Codec != (byte)CodecId.Raw)
            return Work.Run(() => Unpack(chunk));
        return IsLengthGood(chunk.Header) && chunk.Header.RawLength == chunk.Payload.Length
            ? Task.FromResult(new SourcedChunk(chunk.Header, chunk.Payload, 0, chunk.Dispose))
            : Task.FromException<SourcedChunk>(Damaged(chunk));
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

        report.AddCodec(codec.Id);
        chunk.Dispose();
        return new SourcedChunk(chunk.Header, raw, 0, () => _pool.Return(buffer));
    }

    private bool IsLengthGood(ChunkHeader header) => header.RawLength > 0 && header.RawLength <= chunkSize;

    private static P2PException Damaged(IncomingChunk chunk)
    {
        chunk.Dispose();
        return ProtocolErrors.Malformed($"chunk {chunk.Header.Number}, which cannot be unpacked");
    }
}

/// <summary>A decompressed chunk or, without a header, void chunks.</summary>
internal sealed class SourcedChunk(ChunkHeader? header, ReadOnlyMemory<byte> raw, long voidCount, Action? release) : IDisposable
{
    public ChunkHeader? Header => header;

    public ReadOnlyMemory<byte> Raw => raw;

    public long VoidCount => voidCount;

    public void Dispose() => release?.Invoke();
}
