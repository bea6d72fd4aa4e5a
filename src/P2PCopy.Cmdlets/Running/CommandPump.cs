using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// Carries what a worker has to say to the pipeline's thread, the only one that may write. Results wait in a bounded queue;
/// progress is a slot that holds the latest and is looked at four times a second. Whichever door the end comes through
/// (Ctrl+C, a pipeline that stops downstream, SIGTERM, a terminal that is closed) the worker is cancelled and waited for.
/// </summary>
internal sealed class CommandPump : IDisposable
{
    // Enough that a pipeline which pauses does not hold up the transfer at once, small enough that nothing piles up.
    private const int QueueLength = 4096;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    // A worker ends in milliseconds when it is cancelled; this is for one that does not, so that a shell never hangs.
    private readonly TimeSpan _longestGoodbye;

    private readonly BlockingCollection<Action<PSCmdlet>> _queue = new(QueueLength);
    private readonly CancellationTokenSource _stop = new();
    private readonly ProgressReporter _progress;
    private Task? _work;

    // The work, and that nothing more comes of it.
    private Task? _worker;
    private PosixSignalRegistration[] _signals = [];
    private long _stoppedAt;

    public static readonly TimeSpan UsualGoodbye = TimeSpan.FromSeconds(5);

    public CommandPump(ProgressReporter progress)
        : this(progress, UsualGoodbye)
    {
    }

    public CommandPump(ProgressReporter progress, TimeSpan longestGoodbye)
    {
        _progress = progress;
        _longestGoodbye = longestGoodbye;
    }

    public CancellationToken Stopping => _stop.Token;

    /// <summary>Starts the worker.</summary>
    /// <param name="work">What to do; its exception is the outcome of <see cref="Run"/>.</param>
    /// <param name="endsProcess">
    /// True lets SIGTERM and SIGHUP end the process as usual, after the worker is gone; false makes them an ordinary stop.
    /// </param>
    public void Start(Func<CancellationToken, Task> work, bool endsProcess)
    {
        _work = Task.Run(() => work(_stop.Token));
        _worker = CloseQueueAfterAsync(_work);
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal)];

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !endsProcess;
            Cancel();
            if (endsProcess)
                Join();
        }
    }

    /// <summary>Hands something to the pipeline's thread. Waits while the queue is full, but never after the end.</summary>
    public void Post(Action<PSCmdlet> action)
    {
        try
        {
            _queue.Add(action, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The pipeline has ended; there is no reader.
        }
        catch (InvalidOperationException)
        {
            // A late event of a transfer that has ended.
        }
    }

    /// <summary>
    /// Asks something on the pipeline's thread. What the pipeline throws instead of an answer ends the command there, and
    /// is a cancellation to the worker.
    /// </summary>
    public async Task<T> AskAsync<T>(Func<PSCmdlet, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(cmdlet =>
        {
            try
            {
                answer.TrySetResult(question(cmdlet));
            }
            catch
            {
                Cancel();
                answer.TrySetCanceled(_stop.Token);
                throw;
            }
        });
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes what the worker has to say until it ends. On the pipeline's thread; whatever the pipeline throws, comes out
    /// as it is: it may be the way in which PowerShell stops, leaves a loop or exits.
    /// </summary>
    /// <returns>What ended the worker early; null when it came to its end.</returns>
    public Exception? Run(PSCmdlet cmdlet)
    {
        try
        {
            while (!_queue.IsCompleted && !IsOverdue())
                Turn(cmdlet, ProgressInterval);
        }
        finally
        {
            _progress.Complete(cmdlet);
        }

        return _work switch
        {
            { IsFaulted: true } work => work.Exception.InnerException,
            { IsCompletedSuccessfully: true } => null,
            _ => new OperationCanceledException(_stop.Token),
        };
    }

    /// <summary>Writes what is waiting, if anything comes within the time. On the pipeline's thread.</summary>
    /// <returns>False when the worker has ended and everything is written.</returns>
    public bool Turn(PSCmdlet cmdlet, TimeSpan patience)
    {
        if (_queue.TryTake(out Action<PSCmdlet>? action, patience))
            action(cmdlet);
        _progress.Show(cmdlet);
        return !_queue.IsCompleted;
    }

    /// <summary>Cancels the worker; from any thread.</summary>
    public void Cancel()
    {
        Interlocked.CompareExchange(ref _stoppedAt, Stopwatch.GetTimestamp(), 0);
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at the same moment.
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        Cancel();
        Join();
        if (_worker is null or { IsCompleted: true })
        {
            _queue.Dispose();
            _stop.Dispose();
        }
    }

    // In this order: a reader that finds the queue completed also finds the outcome.
    private async Task CloseQueueAfterAsync(Task work)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _queue.CompleteAdding();
    }

    private void Join()
    {
        try
        {
            _worker?.Wait(_longestGoodbye);
        }
        catch (AggregateException)
        {
            // The pipeline is gone; there is no reader.
        }
    }

    private bool IsOverdue()
        => Interlocked.Read(ref _stoppedAt) is var since and > 0 && Stopwatch.GetElapsedTime(since) > _longestGoodbye;
}
