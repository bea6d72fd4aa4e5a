using System.Threading.Channels;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// The chunks of a round on their way from their producer to the session. Several are encoded at the same time; the session
/// gets them in order.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="ahead">How many may be encoded ahead of the session.</param>
internal sealed class EncodedChunks(SendContext context, int ahead)
{
    private readonly Channel<Task<OutgoingChunk>> _encoding = Channel.CreateBounded<Task<OutgoingChunk>>(
        new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });

    /// <summary>Runs a producer, which calls <see cref="AddAsync"/>, and hands its chunks to the session.</summary>
    /// <param name="produce">Adds every chunk of the round.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The result of <paramref name="produce"/>.</returns>
    public async Task<T> SendAllAsync<T>(Func<CancellationToken, Task<T>> produce, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> producing = Work.Run(() => ProduceAsync(produce, stop.Token), CancellationToken.None);
        try
        {
            await HandOverAsync(stop.Token).ConfigureAwait(false);
            return await producing.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)producing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Puts the next chunk in line; waits while enough are there.</summary>
    /// <param name="chunk">The chunk. Its buffer is taken over.</param>
    /// <param name="filled">Completes when the chunk has its bytes and nothing else reads them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public ValueTask AddAsync(RawChunk chunk, Task filled, CancellationToken cancellationToken)
        => _encoding.Writer.WriteAsync(EncodeAsync(chunk, filled), cancellationToken);

    private async Task<OutgoingChunk> EncodeAsync(RawChunk chunk, Task filled)
    {
        await filled.ConfigureAwait(false);
        return await Work.Run(() => context.Encoder.Encode(chunk)).ConfigureAwait(false);
    }

    private async Task<T> ProduceAsync<T>(Func<CancellationToken, Task<T>> produce, CancellationToken cancellationToken)
    {
        try
        {
            T result = await produce(cancellationToken).ConfigureAwait(false);
            _encoding.Writer.Complete();
            return result;
        }
        catch (Exception e)
        {
            _encoding.Writer.Complete(e);
            throw;
        }
    }

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        while (await _encoding.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_encoding.Reader.TryRead(out Task<OutgoingChunk>? next))
            {
                OutgoingChunk chunk = await next.ConfigureAwait(false);
                if (context.Rate is { } rate)
                    await rate.TakeAsync(chunk.RecordLength, cancellationToken).ConfigureAwait(false);
                await context.Session.SendChunkAsync(chunk, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
