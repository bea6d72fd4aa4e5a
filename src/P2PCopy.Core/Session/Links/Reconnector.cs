using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Session.Links;

/// <summary>
/// Finds the peer again after a lost connection: in the session's own room, and at the same time in the room of the code,
/// because the peer may have been killed and started again. A relay that died is no other case: both sides come to whatever
/// relay answers, and it needs to know nothing.
/// </summary>
internal sealed class Reconnector(SessionContext context, SessionKeys keys)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>One second for the ordinary case, a blip, in which the peer lives and comes to the session's own room.</summary>
    private static readonly TimeSpan CodeRoomDelay = TimeSpan.FromSeconds(1);

    /// <summary>A link of this session again, or a whole new pairing.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.ConnectionLost"/>: the retry time is spent.</exception>
    public async Task<(SecureLink? Link, PairingResult? Successor)> ReconnectAsync(string reason, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(context.RetryTimeout, context.TimeProvider);
        using var found = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Task<SecureLink> rejoin = RejoinAsync(0, found.Token);
        Task<PairingResult> anew = PairAnewAsync(found.Token);
        Task first = await Task.WhenAny(rejoin, anew).ConfigureAwait(false);
        if (first == anew && anew.IsFaulted)
            first = rejoin; // the code room cannot be used; the session's own may
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await found.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(rejoin, anew).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();

        if (rejoin.IsCompletedSuccessfully)
        {
            if (anew.IsCompletedSuccessfully)
                await anew.Result.Link.DisposeAsync().ConfigureAwait(false);
            return (rejoin.Result, null);
        }

        if (anew.IsCompletedSuccessfully)
            return (null, anew.Result);
        throw Lost(context, reason, anew.Exception?.InnerException);
    }

    /// <summary>The error for a connection that was lost for good.</summary>
    public static P2PException Lost(SessionContext context, string reason, Exception? cause = null)
        => new(
            P2PErrorCode.ConnectionLost,
            $"The connection was lost ({reason}) and could not be found again within {context.RetryTimeout.TotalSeconds:0} s. Start both sides again: what has arrived is kept and the transfer goes on from there.",
            cause);

    /// <summary>Tries to meet the peer in the room of one stream until cancelled.</summary>
    public async Task<SecureLink> RejoinAsync(int stream, CancellationToken cancellationToken)
    {
        var join = new RoomJoin(keys.LinkRoom(stream), context.Role, context.Member);
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                IMessageChannel channel = await context.Connector.JoinAsync(join, cancellationToken).ConfigureAwait(false);
                return await LinkHandshake.RunAsync(
                    channel, keys, context.Role, stream, context.EncryptPayload, context.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is P2PException or ChannelClosedException or HandshakeException or RoomOccupiedException)
            {
                // Not this time: the deadline decides when to give up.
            }

            await Task.Delay(pause * (0.8 + (Random.Shared.NextDouble() * 0.4)), context.TimeProvider, cancellationToken).ConfigureAwait(false);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    private async Task<PairingResult> PairAnewAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(CodeRoomDelay, context.TimeProvider, cancellationToken).ConfigureAwait(false);
        var quiet = context with { Observer = new QuietObserver(context.Observer) };
        while (true)
        {
            try
            {
                return await new Pairer(quiet).PairAsync(keys.SurvivorName(), cancellationToken).ConfigureAwait(false);
            }
            catch (P2PException e) when (e.Code != P2PErrorCode.PairingFailed)
            {
                await Task.Delay(CodeRoomDelay, context.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A survivor in the code room is reconnecting, not waiting or paired, for whoever watches.</summary>
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
