namespace P2PCopy.Transfer.Reports;

/// <summary>
/// Counts the progress of a transfer, cheaply and from any thread. A timer samples it for <see cref="IProgress{T}"/>, so
/// progress costs the same for any number of files.
/// </summary>
internal sealed class TransferMeter : IAsyncDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(4);

    private readonly IProgress<TransferProgress>? _progress;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Queue<(long Timestamp, long Moved)> _samples = new();
    private readonly ITimer? _timer;
    private long _began;
    private long _filesDone;
    private long _bytesDone;
    private long _bytesReused;
    private long _bytesLeft;
    private long _reportedBytes;
    private CurrentFile? _current;
    private volatile int _phase;
    private bool _completed;

    public TransferMeter(IProgress<TransferProgress>? progress, TimeProvider time)
    {
        _progress = progress;
        _time = time;
        if (progress is not null)
            _timer = time.CreateTimer(_ => Report(), null, SampleInterval, SampleInterval);
    }

    /// <summary>How long the transfer has run since the offer was answered; null before.</summary>
    public TimeSpan? Elapsed => Volatile.Read(ref _began) is > 0 and long began ? _time.GetElapsedTime(began) : null;

    /// <summary>The offer is answered: from here the time is that of the transfer, and not of a person who reads the offer.</summary>
    public void Begin() => Interlocked.CompareExchange(ref _began, _time.GetTimestamp(), 0);

    public TransferPhase Phase
    {
        get => (TransferPhase)_phase;
        set => _phase = (int)value;
    }

    public long FilesTotal { get; set; }

    /// <summary>Bytes of the offer; -1 when unknown.</summary>
    public long BytesTotal { get; set; }

    public long BytesDone => Volatile.Read(ref _bytesDone);

    /// <summary>Bytes of copied files that the receiver had already, in a partial or in the file that was replaced.</summary>
    public long BytesReused => Volatile.Read(ref _bytesReused);

    /// <summary>Also counts bytes that <see cref="AddBytes"/> is not told of one by one.</summary>
    public Func<long>? FurtherBytes { get; set; }

    /// <summary>Numbers that change whenever there is progress.</summary>
    public (long Files, long Bytes, long Current) Mark
        => (Volatile.Read(ref _filesDone), BytesDone, Volatile.Read(ref _current)?.Done ?? -1);

    public void AddFile() => Interlocked.Increment(ref _filesDone);

    /// <summary>Counts content that was sent.</summary>
    public void AddBytes(long count) => Interlocked.Add(ref _bytesDone, count);

    /// <summary>Counts content of a copied file that the receiver had already: done, but no part of the rate.</summary>
    public void AddReused(long count)
    {
        Interlocked.Add(ref _bytesReused, count);
        AddBytes(count);
    }

    /// <summary>Counts a file of which nothing is sent: done, but no part of the rate.</summary>
    public void AddLeft(long count)
    {
        Interlocked.Add(ref _bytesLeft, count);
        AddBytes(count);
    }

    /// <summary>Notes that a file is in progress that is large enough to be shown by name.</summary>
    public void SetCurrent(string name, long done, long total) => Volatile.Write(ref _current, new CurrentFile(name, done, total));

    /// <summary>Notes that no large file is in progress.</summary>
    public void ClearCurrent() => Volatile.Write(ref _current, null);

    /// <summary>Makes the last report.</summary>
    public void Complete()
    {
        lock (_lock)
            _completed = true;
        _phase = (int)TransferPhase.Completed;
        ClearCurrent();
        Report(last: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Report(bool last = false)
    {
        if (_progress is null)
            return;
        lock (_lock)
        {
            if (_completed && !last)
                return;
            long now = _time.GetTimestamp();
            long bytes = BytesDone + (FurtherBytes?.Invoke() ?? 0);
            if (BytesTotal >= 0)
                bytes = Math.Min(bytes, BytesTotal);
            _reportedBytes = bytes = Math.Max(bytes, _reportedBytes);
            long moved = bytes - BytesReused - Volatile.Read(ref _bytesLeft);
            _samples.Enqueue((now, moved));
            while (_samples.Count > 2 && _time.GetElapsedTime(_samples.Peek().Timestamp, now) > RateWindow)
                _samples.Dequeue();
            (long then, long before) = _samples.Peek();
            double seconds = _time.GetElapsedTime(then, now).TotalSeconds;
            double rate = seconds > 0 ? Math.Max(0, moved - before) / seconds : 0;
            CurrentFile? current = Volatile.Read(ref _current);
            _progress.Report(new TransferProgress
            {
                Phase = Phase,
                FilesDone = Volatile.Read(ref _filesDone),
                FilesTotal = FilesTotal,
                BytesDone = bytes,
                BytesTotal = BytesTotal >= 0 ? BytesTotal : null,
                CurrentName = current?.Name,
                CurrentDone = current?.Done ?? 0,
                CurrentTotal = current is { Total: < 0 } ? null : current?.Total ?? 0,
                BytesPerSecond = rate,
                SecondsRemaining = rate > 0 && BytesTotal >= 0 ? (BytesTotal - bytes) / rate : null,
            });
        }
    }

    private sealed record CurrentFile(string Name, long Done, long Total);
}
