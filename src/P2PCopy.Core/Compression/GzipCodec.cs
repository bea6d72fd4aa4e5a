using System.IO.Compression;

namespace P2PCopy.Compression;

/// <summary>gzip (RFC 1952) of the base class library, which both sides always have.</summary>
internal sealed class GzipCodec : IChunkCodec
{
    // The chunk is written in slices, so that compression can stop early if the result does not fit.
    private const int Slice = 128 * 1024;

    /// <inheritdoc/>
    public CodecId Id => CodecId.Gzip;

    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    public string Description => Name;

    /// <inheritdoc/>
    public IReadOnlyList<CodecLevel> Levels { get; } =
    [
        new(1, 190e6, 1.0),
        new(4, 75e6, 0.82),
        new(6, 58e6, 0.80),
    ];

    /// <inheritdoc/>
    public unsafe int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        fixed (byte* memory = destination)
        {
            using var output = new SpanStream(memory, destination.Length);
            using (var gzip = new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            {
                while (!source.IsEmpty && !output.Overflowed)
                {
                    int count = Math.Min(Slice, source.Length);
                    gzip.Write(source[..count]);
                    source = source[count..];
                }
            }

            return output.Overflowed ? -1 : output.Used;
        }
    }

    /// <inheritdoc/>
    public unsafe void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* memory = source)
        {
            using var input = new SpanStream(memory, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            int read = gzip.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
            if (read < destination.Length)
                throw new InvalidDataException("A gzip chunk is shorter than it was said to be.");

            // There must be no further byte. Reading it also makes the library check the checksum.
            if (gzip.ReadByte() >= 0)
                throw new InvalidDataException("A gzip chunk is longer than it was said to be.");
        }
    }
}
