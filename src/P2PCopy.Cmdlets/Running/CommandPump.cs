using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// Passes the output of a worker to the pipeline's thread, the only thread that may write. Results wait in a bounded queue. Of
/// progress only the latest sample is kept, and it is shown four times a second. On Ctrl+C, SIGTERM, a closed terminal or a
/// pipeline that stops downstream, the worker is cancelled and awaited.
/// </summary>
internal sealed class CommandPump : IDisposable
{
    // A short pause of the pipeline does not stop the transfer, and the queue stays small.
    private const int QueueLength = 4096;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    // A cancelled worker usually ends within milliseconds. The limit keeps a shell from hanging if it does not.
    private readonly TimeSpan _longestGoodbye;

    private readonly BlockingCollection<Action<PSCmdlet>> _queue = new(QueueLength);
    private readonly CancellationTokenSource _stop = new();
    private readonly ProgressReporter _progress;
    private Task? _work;

    // The work, followed by the end of the queue.
    private Task? _worker;
    private PosixSignalRegistration[] _signals = [];
    private long _stoppedAt;

    /// <summary>
    /// Whether SIGTERM ends a command in another way than the process: a command of the script that the process runs ends
    /// well and the script goes on; one of a job ends together with the process that was told to end.
    /// </summary>
    public static bool IsForeground => Runspace.DefaultRunspace is { Id: 1 };

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
    /// <param name="work">The work; <see cref="Run"/> returns its exception.</param>
    /// <param name="endsProcess">
    /// If true, SIGTERM and SIGHUP end the process as usual, after the worker has ended. If false, they only stop the command.
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

            // Windows ends a process whose console is closed as soon as this returns.
            if (endsProcess || OperatingSystem.IsWindows())
                Join();
        }
    }

    /// <summary>Runs an action on the pipeline's thread. Waits while the queue is full, but not after the end of the command.</summary>
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
            // The transfer has ended; this event is too late.
        }
    }

    /// <summary>
    /// Runs a function on the pipeline's thread and returns its result. An exception of the pipeline ends the command on that
    /// thread, and cancels the worker.
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
    /// Writes the output of the worker until it ends. To be called on the pipeline's thread. Exceptions of the pipeline are not
    /// caught, because PowerShell uses them to stop a pipeline, to leave a loop and to exit.
    /// </summary>
    /// <returns>The exception that ended the worker; null if it completed.</returns>
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

    /// <summary>Runs the next waiting action, if there is one within the time. To be called on the pipeline's thread.</summary>
    /// <returns>False if the worker has ended and all actions have run.</returns>
    public bool Turn(PSCmdlet cmdlet, TimeSpan patience)
    {
        if (_queue.TryTake(out Action<PSCmdlet>? action, patience))
            action(cmdlet);
        _progress.Show(cmdlet);
        return !_queue.IsCompleted;
    }

    /// <summary>Cancels the worker. Can be called from any thread.</summary>
    public void Cancel()
    {
        Interlocked.CompareExchange(ref _stoppedAt, Stopwatch.GetTimestamp(), 0);
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended at the same moment.
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

    // The work is complete before the queue is, so a reader of a completed queue finds the result of the work.
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
            // The pipeline has ended, so no one needs the exception.
        }
    }

    private bool IsOverdue()
        => Interlocked.Read(ref _stoppedAt) is var since and > 0 && Stopwatch.GetElapsedTime(since) > _longestGoodbye;
}
