using P2PCopy.Session.Crypto;
using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// Waits in the room of a code until somebody comes who knows the secret. Used to begin a session, and by the survivor
/// of a lost connection, whose peer may have been started again.
/// </summary>
internal sealed class Pairer(SessionContext context)
{
    private static readonly TimeSpan SurvivorPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoHelloPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OccupiedPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RelayPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Partners that may go away after this side has shown whether their guess is right. More than one wrong code, since
    /// a partner, or the relay, that dies in this moment looks the same as a stranger who hangs up.
    /// </summary>
    private const int LeaverLimit = 3;

    // Why this side is in no room just now; null while it waits in one.
    private P2PException? _keptOut;

    /// <summary>Pairs, within the wait time-out.</summary>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.PeerDidNotCome"/>, <see cref="P2PErrorCode.PairingFailed"/>, or why the relay or the
    /// other side cannot be used.
    /// </exception>
    public async Task<PairingResult> PairAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(context.WaitTimeout, context.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        _ = Task.Run(CPace.WarmUp, CancellationToken.None);
        try
        {
            return await PairAsync(survivor: null, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Whom the relay lets into no room cannot say that nobody came there.
            throw _keptOut ?? e.InnerException as P2PException ?? new P2PException(
                P2PErrorCode.PeerDidNotCome,
                $"Waited {context.WaitTimeout.TotalSeconds:0} s at the relay for the other side, and nobody came with the same code. Start the other side with this code and relay, or wait longer (`WaitTimeoutSeconds`).");
        }
    }

    /// <summary>Pairs without a time-out of its own.</summary>
    /// <param name="survivor">The public name of the session that this side still holds; null at the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PairingResult> PairAsync(string? survivor, CancellationToken cancellationToken)
    {
        int wrong = 0;
        int guesses = 0;
        bool hasJoined = false;
        long lostSince = 0;
        TimeSpan occupiedFor = TimeSpan.Zero;
        while (true)
        {
            // Also what another wait of this side was told: a guess is not forgotten because a transfer came between.
            await DelayAsync(context.Guesses.Closed, cancellationToken).ConfigureAwait(false);
            IMessageChannel channel;
            try
            {
                var join = new RoomJoin(context.Code.RoomName, context.Role, context.Member, context.Observer.Waiting);
                channel = await context.Connector.JoinAsync(join, cancellationToken).ConfigureAwait(false);
                hasJoined = true;
                lostSince = 0;
                _keptOut = null;
            }
            catch (P2PException e) when (hasJoined && IsWorthTrying(ref lostSince))
            {
                _keptOut = e;
                // The relay let us in a moment ago, so it is being started again rather than wrong.
                await DelayAsync(RelayPause, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (RoomOccupiedException e)
            {
                // Perhaps our own killed predecessor, whose connection the relay has not given up yet.
                if (occupiedFor >= context.SilenceTimeout + OccupiedPause)
                    throw e.Refusal;
                occupiedFor += OccupiedPause;
                _keptOut = e.Refusal;
                await DelayAsync(OccupiedPause, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                Hello own = Hello.Own(context.Role, context.EncryptPayload, survivor) with { Version = context.Version };
                PairingResult result = await PairingHandshake.RunAsync(channel, own, context.Code, context.TimeProvider, cancellationToken)
                    .ConfigureAwait(false);
                context.Guesses.Forgive();
                context.Observer.Paired();
                return result;
            }
            catch (HandshakeException e) when (e.Fault == HandshakeFault.SameSurvivor)
            {
                // Both ends of a living session met here; they are to meet in its own room.
                await DelayAsync(SurvivorPause, cancellationToken).ConfigureAwait(false);
            }
            catch (HandshakeException e) when (!e.GuessSpent)
            {
                await DelayAsync(NoHelloPause, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HandshakeException or P2PException { Code: P2PErrorCode.PairingFailed })
            {
                // A stranger who guessed wrong may hang up instead of answering: both spend a guess.
                guesses++;
                context.Guesses.Add();
                wrong += e is P2PException ? 1 : 0;
                int limit = context.WrongCodeLimit;
                if (survivor is null && limit > 0 && (wrong >= limit || guesses >= Math.Max(limit, LeaverLimit)))
                    throw e as P2PException ?? WrongCode(e);
                context.Observer.WrongCode(context.Guesses.Total, context.Guesses.Closed);
            }
        }
    }

    private bool IsWorthTrying(ref long lostSince)
    {
        if (lostSince == 0)
            lostSince = context.TimeProvider.GetTimestamp();
        return context.TimeProvider.GetElapsedTime(lostSince) < context.RetryTimeout;
    }

    private static P2PException WrongCode(Exception cause) => new(
        P2PErrorCode.PairingFailed,
        "The other side left in the middle of the pairing, as one does whose code is another. Compare the codes and start both sides again.",
        cause);

    private Task DelayAsync(TimeSpan time, CancellationToken cancellationToken)
        => Task.Delay(time, context.TimeProvider, cancellationToken);
}
