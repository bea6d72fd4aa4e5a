namespace P2PCopy.Compression;

/// <summary>
/// A stream over pinned memory, for codecs that need streams. Writes beyond its end are dropped and noted, because an exception for
/// every chunk that does not compress would take longer than the compression.
/// </summary>
internal sealed unsafe class SpanStream(byte* memory, int length) : Stream
{
    /// <summary>Bytes read or written.</summary>
    public int Used { get; private set; }

    /// <summary>Whether more was written than fits.</summary>
    public bool Overflowed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
