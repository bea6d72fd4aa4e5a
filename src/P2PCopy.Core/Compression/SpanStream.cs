using P2PCopy.Primitives;

namespace P2PCopy.Compression;

/// <summary>
/// A stream over pinned memory, for codecs that need streams. Writes beyond its end are dropped and noted, because an exception for
/// every chunk that does not compress would take longer than the compression.
/// </summary>
internal sealed unsafe class SpanStream(byte* memory, int length) : ForwardStream
{
    /// <summary>Bytes read or written.</summary>
    public int Used { get; private set; }

    /// <summary>Whether more was written than fits.</summary>
    public bool Overflowed { get; private set; }

    public override bool CanRead => true;

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, length - Used);
        new ReadOnlySpan<byte>(memory + Used, count).CopyTo(buffer);
        Used += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Overflowed || buffer.Length > length - Used)
        {
            Overflowed = true;
            return;
        }

        buffer.CopyTo(new Span<byte>(memory + Used, buffer.Length));
        Used += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
}
