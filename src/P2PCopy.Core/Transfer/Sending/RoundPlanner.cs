using System.Threading.Channels;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Takes the answers to an offer and adds the wanted files to the content of the round, in order. Lists the blocks of files
/// of which the receiver has a part.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="round">The round.</param>
/// <param name="results">Settles the entries that are not wanted.</param>
internal sealed class RoundPlanner(SendContext context, SendRound round, ResultTaker results)
{
    /// <summary>Listed blocks without an answer, beyond which no further file is begun: their lengths are kept in memory.</summary>
    private const long MostUnanswered = 1 << 18;

    private readonly Queue<(int Index, ListedFile? Listed)> _order = new(); // wanted files that wait for an earlier comparison
    private readonly Queue<ListedFile> _unanswered = new();
    private readonly Channel<ListedFile> _toList = Channel.CreateUnbounded<ListedFile>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AsyncSignal _answered = new();
    private readonly BlockLister _lister = new(context, round);
    private long _listedBlocks;
    private long _answeredBlocks;

    /// <summary>Runs until every entry is answered and every listed file is compared.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Concurrently.RunAsync(stop, ReadAsync(stop.Token), ListAsync(stop.Token)).ConfigureAwait(false);
    }

    /// <summary>Never waits for anything but messages. Otherwise both sides could wait for the other to read.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        long answered = 0;
        bool isAnswered = false;
        for (int page = 0; !isAnswered || _unanswered.Count > 0;)
        {
            ControlMessage message = await context.Messages.ReadAsync(cancellationToken).ConfigureAwait(false);
            switch (message)
            {
                case AnswerPage answers when !isAnswered && answers.Round == round.Number && answers.Page == page:
                    context.Meter.Begin();
                    answered = TakeAnswers(answers, answered);
                    isAnswered = answers.Last;
                    page++;
                    break;
                case FoundPage found when _unanswered.TryPeek(out ListedFile? file) && found.Round == round.Number && found.Index == file.Index:
                    TakeFound(file, found);
                    break;
                default:
                    throw ControlPort.Unexpected(message);
            }
        }

        _toList.Writer.Complete();
        round.Content.Complete();
    }

    private long TakeAnswers(AnswerPage answers, long answered)
    {
        if (answers.UpTo < answered || answers.UpTo > round.Count || (answers.Last && answers.UpTo != round.Count))
            throw ControlPort.Unexpected(answers);
        int next = 0;
        for (; answered < answers.UpTo; answered++)
        {
            AnsweredEntry? answer = next < answers.Entries.Length && answers.Entries[next].Index == answered ? answers.Entries[next++] : null;
            if (results.TakeAnswer(round, (int)answered, answer) && round.Offered((int)answered).Kind == EntryKind.File)
                Add((int)answered, isCompared: answer is not null);
        }

        return next == answers.Entries.Length ? answered : throw ProtocolErrors.Malformed("an answer to an entry that is not there");
    }

    private void Add(int index, bool isCompared)
    {
        ListedFile? file = null;
        if (isCompared)
        {
            long length = round.Offered(index).Length;
            if (length < BlockParameters.LeastLength)
                throw ProtocolErrors.Malformed("a question about the blocks of a short file");
            file = new ListedFile(index, length);
            round.SetListed(file);
            _unanswered.Enqueue(file);
            _toList.Writer.TryWrite(file);
        }

        _order.Enqueue((index, file));
        AddReady();
    }

    private void TakeFound(ListedFile file, FoundPage found)
    {
        Interlocked.Add(ref _answeredBlocks, file.Take(found));
        _answered.Set();
        if (!file.IsComplete)
            return;
        _unanswered.Dequeue();
        round.SetCompared(file);
        AddReady();
    }

    private void AddReady()
    {
        while (_order.TryPeek(out (int Index, ListedFile? Listed) next) && next.Listed is null or { IsComplete: true })
        {
            _order.Dequeue();
            if (next.Listed is not { IsExisting: true })
                round.Content.Add(new ContentItem(next.Index, round.Offered(next.Index).Length, next.Listed?.Plan));
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        await foreach (ListedFile file in _toList.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            while (Interlocked.Read(ref _listedBlocks) - Interlocked.Read(ref _answeredBlocks) > MostUnanswered)
                await _answered.WaitAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _listedBlocks, await _lister.ListAsync(file, cancellationToken).ConfigureAwait(false));
        }
    }
}
