using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>Every accepted socket until its work has ended: what a stop waits for and in the end aborts.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer owns nothing.")]
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<Entry, byte> _entries = new();
    private readonly CancellationTokenSource _stopping = new();

    // Completed when the last one has gone after a stop began.
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => _entries.Count;

    public Entry Add(Socket socket)
    {
        var entry = new Entry(this, socket);
        _entries.TryAdd(entry, 0);
        return entry;
    }

    /// <summary>Ends those that have not joined yet, and says when the last one has gone.</summary>
    public Task StopAsync()
    {
        _stopping.Cancel();
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
        if (_stopping.IsCancellationRequested && _entries.IsEmpty)
            _empty.TrySetResult();
    }

    /// <summary>One connection.</summary>
    internal sealed class Entry(OpenConnections owner, Socket socket) : IDisposable
    {
        /// <summary>Cancelled when the relay stops: a head that has not come is not waited for.</summary>
        public CancellationToken Stopping => owner._stopping.Token;

        /// <summary>Cuts the connection off; what is unsent is thrown away.</summary>
        public void Abort() => socket.Close(0);

        public void Dispose() => owner.Remove(this);
    }
}
