using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Reports what became of the entries of a round, to this side and to the sender. Safe from any thread.</summary>
internal sealed class RoundResults : IDisposable
{
    private readonly ReceiveContext _context;
    private readonly ReceiveRound _round;
    private readonly ResultBatcher _results;
    private readonly bool _isDurable;
    private long _confirmed;

    /// <param name="context">The session.</param>
    /// <param name="round">The round.</param>
    /// <param name="cancellationToken">Ends the sending of results.</param>
    public RoundResults(ReceiveContext context, ReceiveRound round, CancellationToken cancellationToken)
    {
        _context = context;
        _round = round;
        _isDurable = context.Options.Durable == true;
        _results = new ResultBatcher(round.Number, Secure, page => context.Control.SendAsync(page, cancellationToken), context.Tree.ForPeer, context.Options.TimeProvider);
    }

    /// <summary>Entries that the sender may count as confirmed.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>Counts entries that the answers have confirmed.</summary>
    public void Confirm(long entries) => Interlocked.Add(ref _confirmed, entries);

    /// <summary>An item of the content has ended.</summary>
    public ValueTask SettleAsync(ItemWriter writer)
    {
        ItemOutcome outcome = writer.Outcome!;
        if (writer.Item.IsOpenEnded)
            _round.OpenEndedLength = outcome.Length;
        IncomingEntry entry = _round.EntryOf(writer.Item);
        return outcome.Failure is { } failure
            ? FailForNowAsync(entry, failure)
            : SettleWrittenAsync(entry, outcome.Written!.Value, outcome.Length, outcome.Digest);
    }

    /// <summary>The existing file already has the new content.</summary>
    public ValueTask SettleUnchangedAsync(IncomingEntry entry)
    {
        _context.Meter.AddLeft(entry.Offered.Length);
        return ConfirmAsync(entry, () => _context.Report.Settle(entry.Line, FileStatus.Unchanged, digest: entry.Compared?.ExistingDigest, fullName: entry.Decision.FullPath));
    }

    /// <summary>An entry is at the destination, or another file was kept there.</summary>
    public ValueTask SettleWrittenAsync(IncomingEntry entry, CommitResult written, long? length = null, byte[]? digest = null)
    {
        if (written.Warning is { } warning)
            _context.Events.Warn(warning);
        if (written.WasSkipped)
        {
            _context.Report.Settle(
                entry.Line, FileStatus.Skipped, fullName: written.FullPath, message: $"\"{VisibleText.Name(written.FullPath)}\" was left as it is: it appeared during the transfer.");
            return _results.AddSkippedAsync(entry.Index);
        }

        return ConfirmAsync(entry, () => _context.Report.Settle(entry.Line, FileStatus.Copied, length, digest, written.FullPath));
    }

    /// <summary>Fails a file. If the sender may offer it once more, the failure is not reported until the transfer ends.</summary>
    public ValueTask FailForNowAsync(IncomingEntry entry, P2PException failure)
    {
        bool mayRetry = failure.Code is P2PErrorCode.FileReadError or P2PErrorCode.IntegrityCheckFailed
            && _context.Retries.Add(entry.Offered.Name, entry.Line);
        if (!mayRetry)
            return FailAsync(entry, failure);
        _context.Report.FailForNow(entry.Line, failure.Code, failure.Message, failure.Hint);
        return _results.AddFailedAsync(entry.Index, failure.Code, failure.Message);
    }

    /// <summary>Fails an entry that is not offered again.</summary>
    public ValueTask FailAsync(IncomingEntry entry, P2PException failure)
    {
        _context.Report.Fail(entry.Line, failure.Code, failure.Message, failure.Hint);
        return _results.AddFailedAsync(entry.Index, failure.Code, failure.Message);
    }

    /// <summary>Every entry of the round has its result.</summary>
    public ValueTask CompleteAsync() => _results.FlushAsync(last: true);

    public void Dispose() => _results.Dispose();

    private ValueTask ConfirmAsync(IncomingEntry entry, Action settle)
    {
        var good = new GoodResult(entry, settle);
        if (!_isDurable)
            Confirm(good);
        return _results.AddGoodAsync(good);
    }

    private void Confirm(GoodResult good)
    {
        Confirm(1);
        good.Settle();
    }

    /// <summary>What is told is on the disk before, and what this side reports too.</summary>
    private List<FailedEntry> Secure(IReadOnlyList<GoodResult> page)
    {
        List<FailedEntry> failed = [];
        if (!_isDurable)
            return failed;
        using StallWatch.Pauses pause = _context.Watch.Pause();
        IReadOnlyDictionary<string, P2PException> failures = _context.Tree.Names.Flush([.. page.Select(good => good.Entry.Offered)]);
        foreach (GoodResult good in page)
        {
            if (!failures.TryGetValue(good.Entry.Offered.Name, out P2PException? failure))
            {
                Confirm(good);
                continue;
            }

            _context.Report.Fail(good.Entry.Line, failure.Code, failure.Message);
            failed.Add(_results.Failed(good.Entry.Index, failure.Code, failure.Message));
        }

        return failed;
    }
}
