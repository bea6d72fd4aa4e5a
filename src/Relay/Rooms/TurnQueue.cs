using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// A member that has used its whole turn, and probably has more data, waits here for the next one. Only a few turns are in the
/// queue of the thread pool at a time. New data of another client (a heartbeat, a join) therefore waits for a few turns and not
/// for a thousand. Safe to use from any thread.
/// </summary>
/// <param name="atOnce">How many turns may be in the queue of the thread pool.</param>
internal sealed class TurnQueue(int atOnce) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Action> _waiting = new();

    // Work items of this queue in the thread pool.
    private int _workers;

    /// <summary>Whether a member waits for a turn.</summary>
    public bool IsWaitedFor => !_waiting.IsEmpty;

    /// <summary>Completes when it is the caller's turn.</summary>
    public Turn NextAsync() => new(this);

    void IThreadPoolWorkItem.Execute()
    {
        if (_waiting.TryDequeue(out Action? turn))
            turn();
        if (!_waiting.IsEmpty)
        {
            // Behind the work that was added to the thread pool meanwhile.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        Interlocked.Decrement(ref _workers);
        // A turn that was added between the check and the decrement may have found all workers busy.
        if (!_waiting.IsEmpty)
            StartWorker();
    }

    private void Add(Action turn)
    {
        _waiting.Enqueue(turn);
        StartWorker();
    }

    private void StartWorker()
    {
        int workers = Volatile.Read(ref _workers);
        while (workers < atOnce)
        {
            int seen = Interlocked.CompareExchange(ref _workers, workers + 1, workers);
            if (seen == workers)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            workers = seen;
        }
    }

    /// <summary>The wait for one turn.</summary>
    internal readonly struct Turn(TurnQueue queue) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Turn GetAwaiter() => this;

        public void GetResult()
        {
            // A turn has no result.
        }

        public void OnCompleted(Action continuation) => queue.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => queue.Add(continuation);
    }
}
