using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Session.Links;

/// <summary>
/// Meets the other side again after a lost connection: in the link room of the connection, or, if the other program was
/// restarted, in the room of the code. A relay that failed is the same case: both sides join at any relay that answers.
/// </summary>
/// <param name="context">The session, with the connector of the relay at which it was paired.</param>
/// <param name="keys">The keys of the session.</param>
/// <param name="everywhere">Joins the room of the code, at any relay; that of the context by default.</param>
internal sealed class Reconnector(SessionContext context, SessionKeys keys, IRoomConnector? everywhere = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>After a short interruption both programs still run and meet in the link room within this time.</summary>
    private static readonly TimeSpan CodeRoomDelay = TimeSpan.FromSeconds(1);

    private volatile P2PException? _refusal;

    /// <summary>Why the relay did not admit this side at the last attempt; null if it did.</summary>
    public P2PException? Refusal => _refusal;

    /// <summary>Joins the link room of a connection until the other side is there.</summary>
    /// <returns>The link. The caller owns it.</returns>
    public async Task<SecureLink> RejoinAsync(int connection, CancellationToken cancellationToken)
    {
        var join = new RoomJoin(keys.LinkRoom(connection), context.Role, context.Member);
        var backOff = new BackOff(FirstPause, LongestPause);
        while (true)
        {
            try
            {
                IMessageChannel channel = await context.Connector.JoinAsync(join, cancellationToken).ConfigureAwait(false);
                _refusal = null;
                return await LinkHandshake.RunAsync(
                    channel, keys, context.Role, connection, context.EncryptPayload, context.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is P2PException or ChannelClosedException or HandshakeException or RoomOccupiedException)
            {
                Note(e);
            }
            catch (OperationCanceledException e)
            {
                Note(e);
                throw;
            }

            await Task.Delay(backOff.Next(), context.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits in the room of the code for the other program, in case it was restarted.</summary>
    /// <returns>The new pairing. The caller owns it.</returns>
    public async Task<PairingResult> PairAnewAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(CodeRoomDelay, context.TimeProvider, cancellationToken).ConfigureAwait(false);
        SessionContext quiet = context with { Connector = everywhere ?? context.Connector, Observer = new QuietObserver(context.Observer) };
        while (true)
        {
            try
            {
                return await new Pairer(quiet).PairAsync(keys.SurvivorName(), cancellationToken).ConfigureAwait(false);
            }
            catch (P2PException e) when (e.Code == P2PErrorCode.PairingFailed)
            {
                // Too many wrong codes: the code room is closed to this side, the link rooms are not.
                _refusal = e;
                await Task.Delay(Timeout.InfiniteTimeSpan, context.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (P2PException e)
            {
                Note(e);
            }
            catch (OperationCanceledException e)
            {
                Note(e);
                throw;
            }

            await Task.Delay(CodeRoomDelay, context.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The error for a session whose connections are lost and cannot be re-established.</summary>
    public P2PException Lost(LinkLoss loss)
    {
        P2PException? refusal = Refusal;
        Exception? cause = refusal is not null && loss.Cause is not null ? new AggregateException(refusal, loss.Cause) : refusal ?? loss.Cause;
        return new P2PException(
            P2PErrorCode.ConnectionLost,
            $"The connection was lost ({loss.Reason}) and could not be re-established within {context.RetryTimeout.TotalSeconds:0} s"
            + (refusal is null ? "." : $": {refusal.Message}"),
            cause)
        {
            Hint = (refusal?.Hint is { } hint ? hint + " " : string.Empty) + "Files already received are kept; run both commands again to resume.",
        };
    }

    private void Note(Exception failure)
    {
        P2PException? refusal = failure as P2PException ?? (failure as RoomOccupiedException)?.Refusal ?? failure.InnerException as P2PException;
        if (refusal is { Code: P2PErrorCode.RelayRefused or P2PErrorCode.RelayConnectFailed })
            _refusal = refusal;
    }

    /// <summary>While a session reconnects, the wait in the room of the code is not shown as waiting or paired.</summary>
    private sealed class QuietObserver(ISessionObserver inner) : ISessionObserver
    {
        public void Waiting()
        {
        }

        public void WrongCode(int attempts, TimeSpan backOff) => inner.WrongCode(attempts, backOff);

        public void Paired()
        {
        }

        public void Reconnecting(string reason)
        {
        }

        public void Reconnected()
        {
        }

        public void RoomsNeeded(IEnumerable<string> rooms)
        {
        }
    }
}
