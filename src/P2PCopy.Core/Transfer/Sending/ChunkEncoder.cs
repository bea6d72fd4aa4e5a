using P2PCopy.Compression;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Converts the raw bytes of a chunk to its record, compressed if the result is smaller. Several chunks may be encoded at the same
/// time.
/// </summary>
/// <param name="compressor">Compresses chunks; null to send them as they are.</param>
/// <param name="pool">Buffers for a header and a whole chunk.</param>
/// <param name="isPadded">Whether a payload is padded to its <see cref="LengthClass"/>: when it is encrypted.</param>
/// <param name="report">Counts codecs.</param>
internal sealed class ChunkEncoder(ChunkCompressor? compressor, BufferPool pool, bool isPadded, ReportBook? report = null)
{
    /// <summary>Selects the codec that both sides have and the options request.</summary>
    /// <exception cref="P2PException">The receiver does not have the requested codec.</exception>
    public static ChunkCompressor? CreateCompressor(SendOptions options, string[] theirs)
    {
        if (options.Compression == PayloadCompression.Off)
            return null;
        IChunkCodec? codec = options.CompressionCodec switch
        {
            null => ChunkCodecs.Common(theirs),
            CompressionCodec.Zstd => Named(CodecId.Zstd, theirs),
            _ => Named(CodecId.Gzip, theirs),
        };
        if (codec is null)
            return null;
        AdaptiveCompression? adaptive = options.Compression == PayloadCompression.Auto
            ? new AdaptiveCompression(codec, Environment.ProcessorCount)
            : null;
        return new ChunkCompressor(codec, adaptive, options.TimeProvider);
    }

    /// <summary>Creates the record of a chunk and takes over its buffer.</summary>
    public OutgoingChunk Encode(RawChunk chunk)
    {
        if (compressor is not null)
        {
            byte[] packed = pool.Rent();
            int length = compressor.TryCompress(
                chunk.Buffer.AsSpan(OutgoingRecord.HeaderLength, chunk.Length), packed.AsSpan(OutgoingRecord.HeaderLength), chunk.StartsFile);
            if (length >= 0)
            {
                pool.Return(chunk.Buffer);
                report?.AddCodec(compressor.Codec.Id);
                return Finish(chunk, compressor.Codec.Id, packed, length);
            }

            pool.Return(packed);
        }

        return Finish(chunk, CodecId.Raw, chunk.Buffer, chunk.Length);
    }

    private OutgoingChunk Finish(RawChunk chunk, CodecId codec, byte[] buffer, int payloadLength)
    {
        buffer[0] = (byte)RecordType.Chunk;
        new ChunkHeader(chunk.Number, (byte)codec, chunk.IsLast, chunk.Length, payloadLength).Write(buffer.AsSpan(1));
        int end = OutgoingRecord.HeaderLength + payloadLength;
        int paddedEnd = isPadded ? Math.Min(OutgoingRecord.HeaderLength + LengthClass.Of(payloadLength), pool.BufferLength) : end;
        buffer.AsSpan(end, paddedEnd - end).Clear();
        return new OutgoingChunk(chunk.Number, buffer, paddedEnd, chunk.Length);
    }

    private static IChunkCodec Named(CodecId id, string[] theirs)
    {
        IChunkCodec codec = ChunkCodecs.Find(id)
            ?? throw new P2PException(P2PErrorCode.InvalidOption, $"`CompressionCodec {id}` was requested, but this machine does not have it.") { Hint = "Omit the option." };
        return theirs.Contains(codec.Name)
            ? codec
            : throw new P2PException(P2PErrorCode.InvalidOption, $"`CompressionCodec {id}` was requested, but the receiver does not have it.") { Hint = "Omit the option." };
    }
}
