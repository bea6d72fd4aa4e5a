using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Flushing;

/// <summary>
/// Writes the content of finished files to the disk before they get their names. Otherwise a power cut could leave a name, a size
/// and a time without their content, and a later run would take the file for unchanged.
/// </summary>
/// <remarks>
/// Files that finish while the disk is busy wait together and are written in one go, because one flush of the whole file system
/// costs as much as the flush of a few files. Safe from any thread.
/// </remarks>
internal sealed class ContentBarrier(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ulong, bool> _inMemory = new();
    private readonly FlushChoice _choice = new();
    private List<PendingFlush> _next = [];
    private long _opened;
    private bool _isRunning;

    /// <summary>Numbers the open files in their order, to be called before the first write to a file.</summary>
    public long Number() => Interlocked.Increment(ref _opened);

    /// <summary>Completes when the content of an open file is on the disk.</summary>
    /// <param name="file">The file; it stays open meanwhile.</param>
    /// <param name="number">From <see cref="Number"/>.</param>
    /// <param name="device">Its device.</param>
    /// <returns>0, or the error of the system: then the content may be lost, and another flush does not tell.</returns>
    public ValueTask<int> FlushAsync(SafeFileHandle file, long number, ulong device)
    {
        if (_inMemory.GetOrAdd(device, static (_, opened) => FileSystem.Current.IsInMemory(opened), file))
            return ValueTask.FromResult(0); // there is no disk below it
        var waiting = new PendingFlush(file, number, device);
        lock (_lock)
        {
            _next.Add(waiting);
            if (_isRunning)
                return new ValueTask<int>(waiting.Done.Task);
            _isRunning = true;
        }

        _ = Work.Run(Run);
        return new ValueTask<int>(waiting.Done.Task);
    }

    private void Run()
    {
        while (true)
        {
            List<PendingFlush> batch;
            lock (_lock)
            {
                _isRunning = _next.Count > 0;
                if (!_isRunning)
                    return;
                (batch, _next) = (_next, []);
            }

            foreach (IGrouping<ulong, PendingFlush> device in batch.GroupBy(waiting => waiting.Device))
                Flush([.. device]);
        }
    }

    private void Flush(List<PendingFlush> files)
    {
        try
        {
            FlushAll(files);
        }
        catch (Exception e)
        {
            // Whatever it is, no file may wait for ever.
            foreach (PendingFlush file in files)
                file.Done.TrySetException(e);
        }
    }

    private void FlushAll(List<PendingFlush> files)
    {
        bool together = _choice.IsTogether(files.Count);
        long start = time.GetTimestamp();
        if (together)
        {
            // The file that was opened first learns of every error since then, and no file of these was written before.
            int error = FileSystem.Current.FlushAll(files.MinBy(file => file.Number)!.File);
            _choice.NoteTogether(time.GetElapsedTime(start), isAvailable: error != FileErrors.NotAvailable);

            // An error may be that of any file of any program. Each file knows its own, because it was open all the time.
            together = error == 0;
            start = time.GetTimestamp();
        }

        foreach (PendingFlush file in files)
            file.Done.TrySetResult(together ? 0 : FileSystem.Current.FlushContent(file.File));
        if (!together)
            _choice.NoteSingle(time.GetElapsedTime(start), files.Count);
    }

    private sealed record PendingFlush(SafeFileHandle File, long Number, ulong Device)
    {
        public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
