using System.Threading.Channels;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;

namespace P2PCopy.Transfer.Sending;

/// <summary>Chunks on their way from encoding, where several are at the same time, to the session, which gets them in order.</summary>
/// <param name="session">The session.</param>
/// <param name="pace">Waits until a record of so many bytes may go.</param>
/// <param name="ahead">How many there may be.</param>
internal sealed class EncodedChunks(PeerSession session, Func<int, CancellationToken, ValueTask> pace, int ahead)
{
    private readonly Channel<Task<OutgoingChunk>> _encoding = Channel.CreateBounded<Task<OutgoingChunk>>(
        new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });

    /// <summary>Puts the next chunk in line; waits while enough are there.</summary>
    public ValueTask AddAsync(Task<OutgoingChunk> chunk, CancellationToken cancellationToken) => _encoding.Writer.WriteAsync(chunk, cancellationToken);

    /// <summary>There are no further chunks, because of <paramref name="failure"/> if it says so.</summary>
    public void Complete(Exception? failure = null) => _encoding.Writer.TryComplete(failure);

    /// <summary>Hands over all chunks, until the last one or the failure.</summary>
    public async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (await _encoding.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_encoding.Reader.TryRead(out Task<OutgoingChunk>? next))
            {
                OutgoingChunk chunk = await next.ConfigureAwait(false);
                await pace(chunk.RecordLength, cancellationToken).ConfigureAwait(false);
                await session.SendChunkAsync(chunk, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
