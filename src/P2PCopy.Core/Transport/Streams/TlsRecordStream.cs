using System.Buffers;
using System.Runtime.CompilerServices;
using P2PCopy.Primitives;

namespace P2PCopy.Transport.Streams;

/// <summary>
/// Buffers between TLS and its socket, so that one system call moves many TLS records.
/// <see cref="System.Net.Security.SslStream"/> reads header and body of each record separately, and writes two records at a time.
/// </summary>
/// <remarks>
/// A read ends at the end of a record: <c>SslStream</c> would have to move the beginning of the next one in its buffer. The
/// answers of a SOCKS proxy before TLS are parsed as records too; reads then end anywhere, which only costs that move.
/// A write of a message that continues waits for the next write or for a flush; callers flush after each message. One reader
/// and one writer at a time. Buffers are held only while they contain data.
/// </remarks>
internal sealed class TlsRecordStream(Stream network) : ForwardStream
{
    private const int BufferLength = 256 << 10;

    // SslStream writes at least this much of a message that continues (two records of 16 KiB, RFC 8446, section 5.1).
    private const int ContinuedWrite = 32 << 10;

    // A record begins with its type, its version and the length of the rest (RFC 8446, section 5.1).
    private const int HeaderLength = 5;

    private byte[]? _input;
    private int _inputStart;
    private int _inputEnd;

    // Of the current record: bytes of its header that were read, and bytes of its body that are left.
    private int _headerTaken;
    private ushort _recordLeft;

    private byte[]? _output;
    private int _outputLength;

    /// <summary>Bytes that were read from the network and not yet returned.</summary>
    public int Available => _inputEnd - _inputStart;

    public override bool CanRead => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Available > 0)
            return new(Take(buffer.Span));
        // An empty read waits for data without holding a buffer.
        return buffer.IsEmpty ? network.ReadAsync(buffer, cancellationToken) : FillAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bool continues = buffer.Length >= ContinuedWrite;
        if (_outputLength == 0 && (!continues || buffer.Length > BufferLength))
            return network.WriteAsync(buffer, cancellationToken);
        if (!continues || buffer.Length > BufferLength - _outputLength)
            return WriteAfterRestAsync(buffer, cancellationToken);
        Keep(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken)
        => _outputLength == 0 ? Task.CompletedTask : WriteRestAsync(cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // The buffers are not returned to the pool: a pending read or write may still use them.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            network.Dispose();
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // A silent connection holds no buffer.
        await network.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        byte[] input = ArrayPool<byte>.Shared.Rent(BufferLength);
        int count = await network.ReadAsync(input, cancellationToken).ConfigureAwait(false);
        (_input, _inputStart, _inputEnd) = (input, 0, count);
        return Take(buffer.Span);
    }

    private int Take(Span<byte> buffer)
    {
        int count = ToEndOfRecord(_input.AsSpan(_inputStart, Math.Min(buffer.Length, Available)));
        _input.AsSpan(_inputStart, count).CopyTo(buffer);
        _inputStart += count;
        if (Available == 0)
            ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _input, null)!);
        return count;
    }

    private int ToEndOfRecord(ReadOnlySpan<byte> input)
    {
        int count = 0;
        // The last two bytes of the header are the length.
        for (; _headerTaken < HeaderLength && count < input.Length; _headerTaken++)
            _recordLeft = (ushort)((_recordLeft << 8) | input[count++]);
        if (_headerTaken < HeaderLength)
            return count;
        int body = Math.Min(_recordLeft, input.Length - count);
        _recordLeft -= (ushort)body;
        if (_recordLeft == 0)
            _headerTaken = 0;
        return count + body;
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        _output ??= ArrayPool<byte>.Shared.Rent(BufferLength);
        data.CopyTo(_output.AsSpan(_outputLength));
        _outputLength += data.Length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAfterRestAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        bool fits = buffer.Length <= BufferLength - _outputLength;
        if (fits)
            Keep(buffer.Span);
        await WriteRestAsync(cancellationToken).ConfigureAwait(false);
        if (!fits)
            await WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(CancellationToken cancellationToken)
    {
        byte[] output = _output!;
        await network.WriteAsync(output.AsMemory(0, _outputLength), cancellationToken).ConfigureAwait(false);
        _output = null;
        _outputLength = 0;
        ArrayPool<byte>.Shared.Return(output);
    }
}
