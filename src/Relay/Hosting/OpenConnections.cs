using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>Every accepted socket until its work has ended; a stop waits for them and finally aborts them.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer needs no disposal.")]
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<Entry, byte> _entries = new();

    // Completed when the last connection has ended after accepting has ended.
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CancellationTokenSource _pending = new();
    private volatile bool _closed;

    public int Count => _entries.Count;

    public Entry Add(Socket socket)
    {
        var entry = new Entry(this, socket, Volatile.Read(ref _pending).Token);
        _entries.TryAdd(entry, 0);
        return entry;
    }

    /// <summary>Ends the connections that have not sent a request yet.</summary>
    public void EndPending() => Interlocked.Exchange(ref _pending, new CancellationTokenSource()).Cancel();

    /// <summary>Completes when the last connection has ended; no connection is added any more.</summary>
    public Task WhenEmptyAsync()
    {
        _closed = true;
        EndPending();
        if (_entries.IsEmpty)
            _empty.TrySetResult();
        return _empty.Task;
    }

    public void AbortAll()
    {
        foreach (Entry entry in _entries.Keys)
            entry.Abort();
    }

    private void Remove(Entry entry)
    {
        _entries.TryRemove(entry, out _);
        if (_closed && _entries.IsEmpty)
            _empty.TrySetResult();
    }

    /// <summary>One connection.</summary>
    internal sealed class Entry(OpenConnections owner, Socket socket, CancellationToken stopping) : IDisposable
    {
        /// <summary>Cancelled when the relay stops: it does not wait for an incomplete request.</summary>
        public CancellationToken Stopping => stopping;

        /// <summary>Closes the connection at once; unsent data is discarded.</summary>
        public void Abort() => socket.Close(0);

        public void Dispose() => owner.Remove(this);
    }
}
