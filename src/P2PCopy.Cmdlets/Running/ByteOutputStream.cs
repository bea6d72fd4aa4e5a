using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets.Running;

/// <summary>A stream that writes its blocks to the pipeline as byte arrays. The bounded queue of the pump limits the memory.</summary>
internal sealed class ByteOutputStream(CommandPump pump) : ForwardStream
{
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        pump.Stopping.ThrowIfCancellationRequested();
        byte[] block = buffer.ToArray();

        // Returns only when the pipeline has the block, so that a confirmed byte has left this process's queue.
        pump.AskAsync(
            cmdlet =>
            {
                cmdlet.WriteObject(block, enumerateCollection: false);
                return true;
            },
            pump.Stopping).GetAwaiter().GetResult();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] block = buffer.ToArray();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pump.Stopping);
        await pump.AskAsync(
            cmdlet =>
            {
                cmdlet.WriteObject(block, enumerateCollection: false);
                return true;
            },
            either.Token).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
