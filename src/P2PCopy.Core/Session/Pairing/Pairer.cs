using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// Waits in the code room until a side with the same code joins. Used to begin a session, and by the survivor of a lost
/// connection, whose peer may have been started again.
/// </summary>
internal sealed class Pairer(SessionContext context)
{
    private static readonly TimeSpan SurvivorPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoHelloPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OccupiedPause = TimeSpan.FromSeconds(3);

    // A stranger may be in its place: for a pairing of 20 s, after which a standing receiver blocks attempts for up to 120 s.
    private static readonly TimeSpan OccupiedPatience = GuessLedger.LongestBlock + HandshakeDeadline.HelloTime + HandshakeDeadline.RestTime + TimeSpan.FromSeconds(40);

    private static readonly TimeSpan RelayPause = TimeSpan.FromMilliseconds(500);

    // Why this side is in no room at present; null while it waits in one.
    private P2PException? _keptOut;
    private bool _hasJoined;
    private long _lostSince;
    private TimeSpan _occupiedFor;

    /// <summary>Pairs, within the wait time-out.</summary>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.PeerDidNotCome"/>, <see cref="P2PErrorCode.PairingFailed"/>, or the reason why the relay or
    /// the other side cannot be used.
    /// </exception>
    public async Task<PairingResult> PairAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(context.WaitTimeout, context.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        _ = Work.Run(CPace.WarmUp, CancellationToken.None);
        try
        {
            return await PairAsync(survivor: null, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // A side that was in no room cannot say that the other side did not join it.
            throw _keptOut ?? e.InnerException as P2PException ?? new P2PException(
                P2PErrorCode.PeerDidNotCome,
                $"No one joined with this code within {context.WaitTimeout.TotalSeconds:0} s.")
            {
                Hint = "Start the other side with the same code and relay, or wait longer (`WaitTimeout`).",
            };
        }
    }

    /// <summary>Pairs without a time-out of its own.</summary>
    /// <param name="survivor">The public name of the session that this side still holds; null at the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.PairingFailed"/>: the limit of wrong codes is reached.</exception>
    public async Task<PairingResult> PairAsync(string? survivor, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Guesses of earlier waits of this side count too.
            if (context.Guesses.IsSpent)
                throw TooManyGuesses(null);
            await DelayAsync(context.Guesses.Blocked, cancellationToken).ConfigureAwait(false);
            if (await JoinAsync(cancellationToken).ConfigureAwait(false) is not { } meeting)
                continue;

            int charged = context.Guesses.Total;
            try
            {
                Hello own = Hello.Own(context.Role, context.EncryptPayload, survivor) with { Version = context.Version };
                PairingResult result = await PairingHandshake.RunAsync(
                    meeting.Channel, own, context.Code, context.Guesses, context.TimeProvider, cancellationToken).ConfigureAwait(false);
                context.Observer.Paired();
                return result with { Connector = meeting.Connector };
            }
            catch (OperationCanceledException) when (survivor is not null && context.Guesses.Total > charged)
            {
                // A relay may have cancelled this pairing on purpose, by reconnecting the session after it saw the confirmation.
                context.Observer.WrongCode(context.Guesses.Total, context.Guesses.Blocked);
                throw;
            }
            catch (HandshakeException e) when (e.Fault == HandshakeFault.SameSurvivor)
            {
                // Both continue in their link room.
                await DelayAsync(SurvivorPause, cancellationToken).ConfigureAwait(false);
            }
            catch (HandshakeException e) when (!e.IsGuessCharged)
            {
                await DelayAsync(NoHelloPause, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HandshakeException or P2PException { Code: P2PErrorCode.PairingFailed })
            {
                bool isOver = context.Guesses.IsSpent;
                if (survivor is not null || !isOver)
                    context.Observer.WrongCode(context.Guesses.Total, context.Guesses.Blocked);
                if (isOver)
                    throw e as P2PException ?? TooManyGuesses(e);
            }
        }
    }

    /// <returns>The meeting; null after a pause in which the room could not be joined.</returns>
    private async Task<Meeting?> JoinAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause;
        try
        {
            var join = new RoomJoin(context.Code.RoomName, context.Role, context.Member, context.Observer.Waiting, context.Observer.JoinFailed);
            Meeting meeting = await context.Connector.MeetAsync(join, cancellationToken).ConfigureAwait(false);
            _hasJoined = true;
            _lostSince = 0;
            _keptOut = null;
            return meeting;
        }
        catch (P2PException e) when (_hasJoined && IsWorthRetrying())
        {
            // The relay accepted this side a moment ago, so it is probably being restarted.
            _keptOut = e;
            pause = RelayPause;
        }
        catch (RoomOccupiedException e)
        {
            // The relay may still hold the connection of a killed predecessor of this side.
            TimeSpan patience = context.Role == PeerRole.Send ? OccupiedPatience : context.SilenceTimeout + OccupiedPause;
            if (_occupiedFor >= patience)
                throw e.Refusal;
            if (_occupiedFor == TimeSpan.Zero)
                context.Observer.JoinFailed(e.Refusal);
            _occupiedFor += OccupiedPause;
            _keptOut = e.Refusal;
            pause = OccupiedPause;
        }

        await DelayAsync(pause, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private bool IsWorthRetrying()
    {
        if (_lostSince == 0)
            _lostSince = context.TimeProvider.GetTimestamp();
        return context.TimeProvider.GetElapsedTime(_lostSince) < context.RetryTimeout;
    }

    private static P2PException TooManyGuesses(Exception? cause) => new(
        P2PErrorCode.PairingFailed,
        "The other side repeatedly left during the pairing, as a side with a different code may do.",
        cause)
    {
        Hint = "Compare the codes, then start both sides again.",
    };

    private Task DelayAsync(TimeSpan time, CancellationToken cancellationToken)
        => Task.Delay(time, context.TimeProvider, cancellationToken);
}
