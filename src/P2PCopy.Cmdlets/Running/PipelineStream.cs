using System.Collections.Concurrent;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// A stream that the pipeline's thread writes and the engine reads. It holds a few blocks and no more: a pipeline that is
/// faster than the network waits.
/// </summary>
internal sealed class PipelineStream : Stream
{
    /// <summary>Bytes in a block at most.</summary>
    public const int BlockSize = 128 << 10;

    private readonly BlockingCollection<ReadOnlyMemory<byte>> _blocks = new(boundedCapacity: 32);
    private readonly CancellationTokenSource _abort = new();
    private ReadOnlyMemory<byte> _current;

    // Small records (a pipeline enumerates arrays byte by byte) travel together; only the pipeline's thread sees these two.
    private byte[]? _gathered;
    private int _gatheredLength;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>On the pipeline's thread: adds a block of at most <see cref="BlockSize"/> bytes if there is room within the time.</summary>
    public bool TryWrite(ReadOnlyMemory<byte> block, TimeSpan patience)
    {
        if (_gatheredLength + block.Length > BlockSize && !TryFlush(patience))
            return false;
        if (block.Length == BlockSize)
            return _blocks.TryAdd(block, patience);
        _gathered ??= new byte[BlockSize];
        block.Span.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength += block.Length;
        return true;
    }

    /// <summary>On the pipeline's thread: hands on what was gathered, if there is room within the time.</summary>
    public bool TryFlush(TimeSpan patience)
    {
        if (_gatheredLength == 0)
            return true;
        if (!_blocks.TryAdd(_gathered.AsMemory(0, _gatheredLength), patience))
            return false;
        (_gathered, _gatheredLength) = (null, 0);
        return true;
    }

    /// <summary>There is no more.</summary>
    public void Complete() => _blocks.CompleteAdding();

    /// <summary>The pipeline was stopped: a read that waits ends with an exception, never with an end of the data.</summary>
    public void Abort() => _abort.Cancel();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_current.IsEmpty)
        {
            if (!_blocks.TryTake(out _current, Timeout.Infinite, _abort.Token))
                return 0;
        }

        int count = Math.Min(buffer.Length, _current.Length);
        _current.Span[..count].CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A thread of the pool waits here instead of the engine's: there is one such stream in a transfer.
        while (_current.IsEmpty)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token, cancellationToken);
            CancellationToken token = either.Token;
            (bool found, ReadOnlyMemory<byte> block) = await Task.Run(
                () => (_blocks.TryTake(out ReadOnlyMemory<byte> next, Timeout.Infinite, token), next), token).ConfigureAwait(false);
            if (!found)
                return 0;
            _current = block;
        }

        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _abort.Cancel();
        base.Dispose(disposing);
    }
}
