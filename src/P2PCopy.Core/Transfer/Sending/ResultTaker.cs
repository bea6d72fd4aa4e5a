using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Processes the receiver's answers and results, and settles the lines of the report. Answers and results may be processed at
/// the same time.
/// </summary>
internal sealed class ResultTaker(ReportBook report, TransferMeter meter)
{
    private volatile SendRound? _round;
    private long _confirmed;
    private long _settledBytes;

    /// <summary>Entries that the receiver has.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>Bytes of content of the files that have their result.</summary>
    public long SettledBytes => Interlocked.Read(ref _settledBytes);

    /// <summary>Notes that the results of this round follow.</summary>
    public void Begin(SendRound round) => _round = round;

    /// <summary>Takes the answer to an entry; null stands for a wanted entry.</summary>
    /// <returns>True when the entry is wanted.</returns>
    public bool TakeAnswer(SendRound round, int index, AnsweredEntry? answer)
    {
        int line = round.LineOf(index);
        switch (answer?.Answer)
        {
            case null or Answers.Blocks:
                return true;
            case Answers.Unchanged:
                Interlocked.Increment(ref _confirmed);
                report.Settle(line, FileStatus.Unchanged);
                break;
            case Answers.Skip:
                report.Settle(line, FileStatus.Skipped, message: PeerReason.Sentence(answer.Message));
                break;
            case Answers.Refuse:
                report.Fail(line, PeerReason.Code(answer.Code), PeerReason.Sentence(answer.Message) ?? "The receiver refused it.");
                break;
            default:
                throw ProtocolErrors.Malformed($"the answer \"{answer.Answer}\"");
        }

        meter.AddLeft(Math.Max(0, round.Offered(index).Length));
        return false;
    }

    /// <summary>Takes a page of results.</summary>
    public void Take(ResultsPage page)
    {
        SendRound round = _round is { } current && current.Number == page.Round ? current : throw ControlPort.Unexpected(page);
        foreach (int index in Indexes(page.Good, round.Count))
        {
            (byte[]? digest, long length) = round.TakeGood(index);
            Interlocked.Increment(ref _confirmed);
            CountSettled(round, index, length);
            report.Settle(round.LineOf(index), round.IsExisting(index) ? FileStatus.Unchanged : FileStatus.Copied, length, digest);
        }

        foreach (int index in Indexes(page.Skipped, round.Count))
        {
            CountSettled(round, index, round.TakeSkipped(index));
            report.Settle(round.LineOf(index), FileStatus.Skipped, message: "The receiver kept a file that appeared there during the transfer.");
        }

        foreach (FailedEntry failed in page.Failed)
            TakeFailed(round, failed);
        if (page.Last)
            round.Settle();
    }

    private void TakeFailed(SendRound round, FailedEntry failed)
    {
        if (failed.Index < 0 || failed.Index >= round.Count)
            throw ProtocolErrors.Malformed("a result for an entry that is not there");
        int index = (int)failed.Index;
        EntryFailure failure = round.TakeFailed(
            index, PeerReason.Code(failed.Code), PeerReason.Sentence(failed.Message) ?? "The receiver gave no reason.");
        if (failure.IsWorthRetrying)
            report.FailForNow(round.LineOf(index), failure.Code, failure.Message, failure.Hint);
        else
            report.Fail(round.LineOf(index), failure.Code, failure.Message, failure.Hint);
    }

    private void CountSettled(SendRound round, int index, long length)
    {
        long sent = round.SentLength(index);
        long kept = round.Offered(index).Length < 0 ? 0 : Math.Max(0, length - sent); // a stream is always sent
        if (round.IsExisting(index))
            meter.AddLeft(kept);
        else
            meter.AddReused(kept);
        meter.AddBytes(length - kept);
        Interlocked.Add(ref _settledBytes, sent);
    }

    /// <summary>The entry numbers in a list of first, count, first, count, …</summary>
    private static IEnumerable<int> Indexes(long[] runs, int entries)
    {
        if (runs.Length % 2 != 0)
            throw ProtocolErrors.Malformed("a list of results that is not whole");
        for (int i = 0; i < runs.Length; i += 2)
        {
            (long first, long count) = (runs[i], runs[i + 1]);
            if (first < 0 || count <= 0 || first > entries - count)
                throw ProtocolErrors.Malformed("a result for an entry that is not there");
            for (long index = first; index < first + count; index++)
                yield return (int)index;
        }
    }
}
