using System.Collections.Concurrent;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// A stream that the pipeline's thread writes and the engine reads. It holds only a few blocks, so a pipeline that is faster than
/// the network waits.
/// </summary>
internal sealed class PipelineStream : Stream
{
    /// <summary>Maximum bytes of a block.</summary>
    public const int BlockSize = 128 << 10;

    private readonly BlockingCollection<ReadOnlyMemory<byte>> _blocks = new(boundedCapacity: 32);
    private readonly CancellationTokenSource _abort = new();
    private ReadOnlyMemory<byte> _current;

    // Small objects are collected into one block, because a pipeline enumerates arrays byte by byte. Only the pipeline's thread
    // uses these two fields.
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

    /// <summary>Adds a block of at most <see cref="BlockSize"/> bytes, if there is space within the time. For the pipeline's thread.</summary>
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

    /// <summary>Passes on the collected bytes, if there is space within the time. For the pipeline's thread.</summary>
    public bool TryFlush(TimeSpan patience)
    {
        if (_gatheredLength == 0)
            return true;
        if (!_blocks.TryAdd(_gathered.AsMemory(0, _gatheredLength), patience))
            return false;
        (_gathered, _gatheredLength) = (null, 0);
        return true;
    }

    /// <summary>Marks the end of the data.</summary>
    public void Complete() => _blocks.CompleteAdding();

    /// <summary>Ends a waiting read with an exception, because a stopped pipeline must not look like the end of the data.</summary>
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
        // A thread of the pool waits here instead of a thread of the engine. A transfer has only one such stream.
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
