using P2PCopy.Compression;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Turns the raw bytes of a chunk into its record, compressed where that helps. Several chunks may be encoded at the same
/// time.
/// </summary>
internal sealed class ChunkEncoder(ChunkCompressor? compressor, BufferPool pool, ReportBook? report = null)
{
    /// <summary>Chooses the codec that both sides have and the options ask for.</summary>
    /// <exception cref="P2PException">The receiver lacks a codec that was asked for by name.</exception>
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

    /// <summary>Makes the record of a chunk.</summary>
    /// <param name="number">The chunk's number.</param>
    /// <param name="isLast">It ends a round of unknown length.</param>
    /// <param name="buffer">A pooled buffer with the raw bytes behind <see cref="OutgoingRecord.HeaderLength"/>; taken over.</param>
    /// <param name="rawLength">Raw bytes.</param>
    /// <param name="startsFile">The first byte is that of a file, where a signature would be.</param>
    public OutgoingChunk Encode(long number, bool isLast, byte[] buffer, int rawLength, bool startsFile)
    {
        if (compressor is not null)
        {
            byte[] packed = pool.Rent();
            int length = compressor.TryCompress(
                buffer.AsSpan(OutgoingRecord.HeaderLength, rawLength), packed.AsSpan(OutgoingRecord.HeaderLength), startsFile);
            if (length >= 0)
            {
                pool.Return(buffer);
                report?.AddCodec(compressor.Codec.Id);
                return Finish(new ChunkHeader(number, (byte)compressor.Codec.Id, isLast, rawLength), packed, length);
            }

            pool.Return(packed);
        }

        return Finish(new ChunkHeader(number, (byte)CodecId.Raw, isLast, rawLength), buffer, rawLength);
    }

    private static OutgoingChunk Finish(ChunkHeader header, byte[] buffer, int payloadLength)
    {
        buffer[0] = (byte)RecordType.Chunk;
        header.Write(buffer.AsSpan(1));
        return new OutgoingChunk(header.Number, buffer, OutgoingRecord.HeaderLength + payloadLength, header.RawLength);
    }

    private static IChunkCodec Named(CodecId id, string[] theirs)
    {
        IChunkCodec codec = ChunkCodecs.Find(id)
            ?? throw new P2PException(P2PErrorCode.InvalidOption, $"`CompressionCodec {id}` was asked for, and this machine does not have it. Omit the option.");
        return theirs.Contains(codec.Name)
            ? codec
            : throw new P2PException(P2PErrorCode.InvalidOption, $"`CompressionCodec {id}` was asked for, and the receiver does not have it. Omit the option.");
    }
}
