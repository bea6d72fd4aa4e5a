using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Pairing;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transport;

namespace P2PCopy.Transfer;

/// <summary>
/// Pairs with the other side, runs an engine on the session and converts its outcome into a report or an exception. If the
/// other side was started again, a new engine runs on the new session and resumes from the files on the disk.
/// </summary>
internal sealed class TransferRunner(TransferOptions options, PairingCode code, EventSink events, TransferMeter meter)
{
    private long _bytesDirect;
    private long _bytesRelayed;
    private long _chunks;
    private long _repeated;
    private int _reconnects;
    private CompressionCodec? _codec;

    /// <summary>The settings of a session of this transfer.</summary>
    /// <param name="role">The role of this side.</param>
    /// <param name="connector">Joins rooms at the relay.</param>
    /// <param name="wrongCodeLimit">Wrong codes after which this side ends, for a new ledger; see <see cref="GuessLedger"/>.</param>
    /// <param name="member">See <see cref="SessionContext.Member"/>; a new one by default.</param>
    /// <param name="guesses">The ledger of guesses; a new one by default.</param>
    public SessionContext CreateContext(
        PeerRole role, IRoomConnector connector, int wrongCodeLimit, string? member = null, GuessLedger? guesses = null)
        => new()
        {
            Role = role,
            Code = code,
            Connector = connector,
            Member = member ?? NewMember(),
            EncryptPayload = options.Encryption == PayloadEncryption.On,
            Direct = options.DirectSettings,
            Version = options.Version,
            Guesses = guesses ?? new GuessLedger(options.TimeProvider, wrongCodeLimit),
            WaitTimeout = options.WaitTimeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : options.WaitTimeout,
            RetryTimeout = options.RetryTimeout,
            SilenceTimeout = options.SilenceTimeout,
            TimeProvider = options.TimeProvider,
            Observer = events,
        };

    /// <summary>A random member token.</summary>
    public static string NewMember() => RandomSource.Hex(32);

    /// <summary>Runs a transfer from joining the relay to the end of the last session.</summary>
    /// <param name="context">From <see cref="CreateContext"/>.</param>
    /// <param name="run">Runs an engine on a session; every call begins with an empty book.</param>
    /// <param name="cancellationToken">Cancels; the other side is notified.</param>
    public async Task<TransferReport> RunAsync(
        SessionContext context, Func<PeerSession, ReportBook, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        meter.Phase = TransferPhase.Waiting;
        if (options.Code is not null && code is { TransferBits: < PairingCode.StandingSecretBits, IsOfWords: false })
            events.Warn("The code is short and was not generated.", "Use a generated code, or one with a longer secret.");
        PairingResult? pairing;
        try
        {
            pairing = await new Pairer(context).PairAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            RaiseCancelled(new ReportBook(events, meter));
            throw;
        }

        while (true)
        {
            (TransferReport report, pairing) = await RunSessionAsync(context, pairing, run, continues: true, cancellationToken).ConfigureAwait(false);
            if (pairing is null)
                return report is { Error: { } error, Files.Count: 0 } ? throw error : report;
            context.Observer.Reconnected();
        }
    }

    /// <summary>Runs one session to its end.</summary>
    /// <param name="context">From <see cref="CreateContext"/>.</param>
    /// <param name="pairing">The pairing.</param>
    /// <param name="run">Runs an engine on the session.</param>
    /// <param name="continues">Whether a successor continues this transfer. If not, its open failures are reported at the end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The report, and the pairing that replaced the session if the other program was restarted.</returns>
    public async Task<(TransferReport Report, PairingResult? Successor)> RunSessionAsync(
        SessionContext context,
        PairingResult pairing,
        Func<PeerSession, ReportBook, CancellationToken, Task> run,
        bool continues,
        CancellationToken cancellationToken)
    {
        var book = new ReportBook(events, meter);
        P2PException? error;
        PairingResult? successor;
        try
        {
            (error, successor) = await RunEngineAsync(context, pairing, book, run, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            book.RaiseDeferred();
            RaiseCancelled(book);
            throw;
        }

        if (successor is null || !continues)
            book.RaiseDeferred();
        if (successor is null && (error is null || book.Count > 0))
            meter.Complete();
        return (ReportOf(book, error), successor);
    }

    private void RaiseCancelled(ReportBook book)
        => events.Raise(new TransferEvent.Cancelled(ReportOf(book, new P2PException(P2PErrorCode.Cancelled, "The transfer was cancelled."))));

    private TransferReport ReportOf(ReportBook book, P2PException? error)
    {
        IReadOnlyList<FileReport> files = book.ToList();
        return new TransferReport
        {
            Files = files,
            SenderName = book.SenderName,
            IsDurable = book.IsDurable,
            Error = error,
            BytesCopied = files.Where(f => f.Status == FileStatus.Copied).Sum(f => f.Length),
            BytesReused = Math.Min(meter.BytesReused, files.Where(f => f.Status == FileStatus.Copied).Sum(f => f.Length)),
            BytesTransferred = _bytesDirect + _bytesRelayed,
            BytesDirect = _bytesDirect,
            BytesRelayed = _bytesRelayed,
            Codec = _codec,
            ChunksTransferred = _chunks,
            ChunksRepeated = _repeated,
            Reconnects = _reconnects,
            Duration = meter.Elapsed ?? TimeSpan.Zero,
        };
    }

    private async Task VerifyAsync(SessionKeys keys, CancellationToken cancellationToken)
    {
        if (options.Verify is { } verify && !await verify(VerificationWords.Of(keys), cancellationToken).ConfigureAwait(false))
        {
            throw new P2PException(
                P2PErrorCode.PairingFailed,
                "The verification words were not confirmed, so nothing was transferred.")
            {
                Hint = "If the words differ, another machine took part in the pairing; use a new code.",
            };
        }
    }

    private async Task<(P2PException? Error, PairingResult? Successor)> RunEngineAsync(
        SessionContext context,
        PairingResult pairing,
        ReportBook book,
        Func<PeerSession, ReportBook, CancellationToken, Task> run,
        CancellationToken cancellationToken)
    {
        var session = new PeerSession(context, pairing);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
            await VerifyAsync(pairing.Keys, either.Token).ConfigureAwait(false);
            await run(session, book, either.Token).ConfigureAwait(false);
            await session.CloseAsync().ConfigureAwait(false);

            // The sender of a receiver that waited for `bye` may have been restarted instead.
            return (null, session.TakeSuccessor());
        }
        catch (OfferDeclinedException)
        {
            return (null, null); // the report says it
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await session.AbortAsync(P2PErrorCode.Cancelled, "it was cancelled.").ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException) when (session.State == SessionState.Replaced)
        {
            _reconnects++;
            return (null, session.TakeSuccessor());
        }
        catch (OperationCanceledException) when (session.Failure is { } failure)
        {
            return (failure, null);
        }
        catch (P2PException e)
        {
            await session.AbortAsync(e.Code, e.Message).ConfigureAwait(false);
            return (e, null);
        }
        catch (Exception e) when (P2PException.IsOutOfMemory(e))
        {
            await session.AbortAsync(P2PErrorCode.Failure, P2PException.NoMemory).ConfigureAwait(false);
            return (P2PException.Of(e), null);
        }
        catch (Exception)
        {
            // After a defect here or in the caller's code, the other side must not wait.
            await session.AbortAsync(P2PErrorCode.Failure, "it failed unexpectedly.").ConfigureAwait(false);
            throw;
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
            _bytesDirect += session.BytesDirect;
            _bytesRelayed += session.BytesRelayed;
            _chunks += session.Window.Sent + session.Chunks.Received;
            _repeated += session.Window.Repeated + session.Chunks.Repeated;
            _reconnects += session.Reconnects;
            _codec = book.Codec ?? _codec;
        }
    }
}
