using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Collects results and sends them in pages, shortly after the first one or when there are many. A hundred thousand small
/// files then need a hundred messages. Safe from any thread.
/// </summary>
internal sealed class ResultBatcher(int round, Func<ResultsPage, ValueTask> send, Func<string, string> forPeer, TimeProvider time) : IDisposable
{
    private const int PageEntries = 2000;
    private const int FailureOverhead = 64;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private List<long> _good = [];
    private List<long> _skipped = [];
    private List<FailedEntry> _failed = [];
    private int _failedBytes;
    private bool _flushPlanned;

    /// <summary>An entry is written, verified and renamed.</summary>
    public ValueTask AddGoodAsync(long index)
    {
        lock (_lock)
        {
            _good.Add(index);
            if (!IsDue())
                return ValueTask.CompletedTask;
        }

        return FlushAsync(last: false);
    }

    /// <summary>The conflict policy kept another file in place of an entry.</summary>
    public ValueTask AddSkippedAsync(long index)
    {
        lock (_lock)
        {
            _skipped.Add(index);
            if (!IsDue())
                return ValueTask.CompletedTask;
        }

        return FlushAsync(last: false);
    }

    /// <summary>An entry failed at the receiver.</summary>
    public ValueTask AddFailedAsync(long index, P2PErrorCode code, string message)
    {
        lock (_lock)
        {
            var failed = new FailedEntry { Index = index, Code = code.ToString(), Message = forPeer(message) };
            _failed.Add(failed);
            _failedBytes += FailureOverhead + (failed.Message.Length * 3);
            if (!IsDue())
                return ValueTask.CompletedTask;
        }

        return FlushAsync(last: false);
    }

    /// <summary>Sends the collected results.</summary>
    /// <param name="last">Every entry of the round has its result.</param>
    public async ValueTask FlushAsync(bool last)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            List<long> good;
            List<long> skipped;
            List<FailedEntry> failed;
            lock (_lock)
            {
                (good, _good) = (_good, []);
                (skipped, _skipped) = (_skipped, []);
                (failed, _failed) = (_failed, []);
                _failedBytes = 0;
                _flushPlanned = false;
            }

            if (good.Count + skipped.Count + failed.Count == 0 && !last)
                return;
            await send(new ResultsPage { Round = round, Last = last, Good = ToRuns(good), Skipped = ToRuns(skipped), Failed = [.. failed] }).ConfigureAwait(false);
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

    private bool IsDue()
    {
        if (_good.Count + _skipped.Count + _failed.Count >= PageEntries || _failedBytes >= ControlPort.PageBytes)
            return true;
        if (!_flushPlanned)
        {
            _flushPlanned = true;
            _ = FlushLaterAsync();
        }

        return false;
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
}
