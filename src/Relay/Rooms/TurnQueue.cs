using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// Where a member that has had a whole turn, and may well have more to move, waits for its next one. Only a few turns stand
/// in the thread pool's own queue at a time: so what has just arrived from a client that was silent (a heartbeat, a join)
/// waits for a few turns of others, and not for a thousand. Safe to use from any thread.
/// </summary>
/// <param name="atOnce">How many turns may stand there.</param>
internal sealed class TurnQueue(int atOnce) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Action> _waiting = new();

    // Work items of this queue that are with the thread pool.
    private int _workers;

    /// <summary>Whether anybody waits for a turn.</summary>
    public bool IsWaitedFor => !_waiting.IsEmpty;

    /// <summary>To be awaited: completes when it is the caller's turn.</summary>
    public Turn NextAsync() => new(this);

    void IThreadPoolWorkItem.Execute()
    {
        if (_waiting.TryDequeue(out Action? turn))
            turn();
        if (!_waiting.IsEmpty)
        {
            // Behind whatever has come to the thread pool meanwhile.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        Interlocked.Decrement(ref _workers);
        // One that came between the look and the decrement may have found all workers at work.
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
