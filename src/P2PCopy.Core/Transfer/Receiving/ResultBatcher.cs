using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Collects results and sends them in pages, shortly after the first one or when there are many. A hundred thousand small
/// files then need a hundred messages. Safe from any thread.
/// </summary>
/// <param name="round">The number of the round.</param>
/// <param name="secure">Called before a page is sent, with its good entries; returns those that turned out to be failures.</param>
/// <param name="send">Sends a page.</param>
/// <param name="forPeer">Removes from a sentence what the other side must not learn.</param>
/// <param name="time">The clock.</param>
internal sealed class ResultBatcher(
    int round, Func<IReadOnlyList<GoodResult>, IReadOnlyList<FailedEntry>> secure, Func<ResultsPage, ValueTask> send, Func<string, string> forPeer, TimeProvider time) : IDisposable
{
    private const int PageEntries = 2000;
    private const int FailureOverhead = 64;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private Results _next = new();
    private bool _flushPlanned;

    /// <summary>An entry is written, verified and renamed.</summary>
    public ValueTask AddGoodAsync(GoodResult good) => AddAsync(static (results, good) => results.Good.Add(good), good);

    /// <summary>The conflict policy kept another file in place of an entry.</summary>
    public ValueTask AddSkippedAsync(long index) => AddAsync(static (results, index) => results.Skipped.Add(index), index);

    /// <summary>An entry failed at the receiver.</summary>
    public ValueTask AddFailedAsync(long index, P2PErrorCode code, string message)
        => AddAsync(static (results, failed) => results.Add(failed), Failed(index, code, message));

    /// <summary>A failure as the sender learns it.</summary>
    public FailedEntry Failed(long index, P2PErrorCode code, string message) => new() { Index = index, Code = code.ToString(), Message = forPeer(message) };

    /// <summary>Sends the collected results.</summary>
    /// <param name="last">Every entry of the round has its result.</param>
    public async ValueTask FlushAsync(bool last)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            Results results;
            lock (_lock)
            {
                (results, _next) = (_next, new Results());
                _flushPlanned = false;
            }

            if (results.Count == 0 && !last)
                return;
            IReadOnlyList<FailedEntry> failed = secure(results.Good);
            HashSet<long> isFailed = [.. failed.Select(entry => entry.Index)];
            var page = new ResultsPage
            {
                Round = round,
                Last = false,
                Good = ToRuns([.. results.Good.Select(good => (long)good.Entry.Index).Where(index => !isFailed.Contains(index))]),
                Skipped = ToRuns(results.Skipped),
                Failed = [.. results.Failed],
            };
            foreach (FailedEntry[] more in Pages(failed))
            {
                await send(page).ConfigureAwait(false);
                page = new ResultsPage { Round = round, Last = false, Good = [], Failed = more };
            }

            await send(page with { Last = last }).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    /// <summary>Ascending numbers as first, count, first, count, …</summary>
    internal static long[] ToRuns(List<long> numbers)
    {
        numbers.Sort();
        List<long> runs = [];
        foreach (long number in numbers)
        {
            if (runs.Count > 0 && runs[^2] + runs[^1] == number)
                runs[^1]++;
            else
                runs.AddRange([number, 1]);
        }

        return [.. runs];
    }

    private static IEnumerable<FailedEntry[]> Pages(IReadOnlyList<FailedEntry> failed)
    {
        var page = new Results();
        foreach (FailedEntry entry in failed)
        {
            page.Add(entry);
            if (page.FailedBytes < ControlPort.PageBytes)
                continue;
            yield return [.. page.Failed];
            page = new Results();
        }

        if (page.Count > 0)
            yield return [.. page.Failed];
    }

    private ValueTask AddAsync<T>(Action<Results, T> add, T result)
    {
        lock (_lock)
        {
            add(_next, result);
            if (_next is { Count: < PageEntries, FailedBytes: < ControlPort.PageBytes })
            {
                if (!_flushPlanned)
                {
                    _flushPlanned = true;
                    _ = FlushLaterAsync();
                }

                return ValueTask.CompletedTask;
            }
        }

        return FlushAsync(last: false);
    }

    private async Task FlushLaterAsync()
    {
        try
        {
            await Task.Delay(Delay, time).ConfigureAwait(false);
            await FlushAsync(last: false).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or P2PException)
        {
            // the session ended and has its own reason
        }
    }

    private sealed class Results
    {
        public List<GoodResult> Good { get; } = [];

        public List<long> Skipped { get; } = [];

        public List<FailedEntry> Failed { get; } = [];

        public int FailedBytes { get; private set; }

        public int Count => Good.Count + Skipped.Count + Failed.Count;

        public void Add(FailedEntry failed)
        {
            Failed.Add(failed);
            FailedBytes += FailureOverhead + (failed.Message.Length * 3);
        }
    }
}

/// <summary>An entry that is written, verified and renamed.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Settle">Reports it to this side.</param>
internal sealed record GoodResult(IncomingEntry Entry, Action Settle);
