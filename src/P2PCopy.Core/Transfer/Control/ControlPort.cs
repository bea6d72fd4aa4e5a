using System.Threading.Channels;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Control;

/// <summary>Typed control messages over a session.</summary>
internal sealed class ControlPort(PeerSession session)
{
    /// <summary>The intended JSON bytes of a page, well below the limit of 1 MiB.</summary>
    public const int PageBytes = 512 << 10;

    /// <summary>Sends a message; it arrives once and in order, or the session fails.</summary>
    public ValueTask SendAsync(ControlMessage message, CancellationToken cancellationToken)
        => session.SendControlAsync(ControlJson.Encode(message), cancellationToken);

    /// <summary>Sends the last message of this side.</summary>
    public ValueTask SendLastAsync(ControlMessage message, CancellationToken cancellationToken)
        => session.SendLastControlAsync(ControlJson.Encode(message), cancellationToken);

    /// <summary>The next message. One caller at a time.</summary>
    public async ValueTask<ControlMessage> ReceiveAsync(CancellationToken cancellationToken)
        => ControlJson.Decode(await session.ReceiveControlAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>The next message, which must be of one type.</summary>
    public async ValueTask<T> ReceiveAsync<T>(CancellationToken cancellationToken)
        where T : ControlMessage
    {
        ControlMessage message = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        return message as T ?? throw Unexpected(message);
    }

    /// <summary>Receives messages up to the peer's last one. Urgent messages are processed at once; the others wait for their turn.</summary>
    /// <typeparam name="TLast">The last message of the peer.</typeparam>
    /// <param name="takeAtOnce">Processes a message if it is urgent; returns whether it did.</param>
    /// <param name="others">Gets the other messages.</param>
    /// <param name="stop">Ends the receiving. It is cancelled when the receiving fails, because other tasks would wait forever for a message.</param>
    public async Task DispatchAsync<TLast>(Func<ControlMessage, bool> takeAtOnce, ChannelWriter<ControlMessage> others, CancellationTokenSource stop)
        where TLast : ControlMessage
    {
        try
        {
            ControlMessage message;
            do
            {
                message = await ReceiveAsync(stop.Token).ConfigureAwait(false);
                if (!takeAtOnce(message))
                    await others.WriteAsync(message, stop.Token).ConfigureAwait(false);
            }
            while (message is not TLast);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The error for an unexpected message.</summary>
    public static P2PException Unexpected(ControlMessage message)
        => ProtocolErrors.Malformed($"the message \"{message.Type}\" out of turn");
}
