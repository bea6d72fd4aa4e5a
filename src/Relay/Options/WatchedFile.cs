namespace P2PCopy.Relay.Options;

/// <summary>
/// The content of one or more files in a usable form. It is read again when the time or the size of a file changes. Safe to use
/// from any thread.
/// </summary>
/// <remarks>
/// The files are checked when the value is used, at most once a second. Unlike file system watchers, this works on every file
/// system. While the files cannot be used, the last valid value stays in use and reading is tried again.
/// </remarks>
internal sealed class WatchedFile<T>
    where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string[] _paths;
    private readonly Func<T> _read;
    private readonly Action<Exception?> _reloaded;
    private readonly TimeProvider _clock;
    private string _stamp;
    private string? _problem;
    private long _checked;
    private T _value;

    /// <summary>Reads for the first time; an exception of <paramref name="read"/> passes through.</summary>
    /// <param name="paths">The files that <paramref name="read"/> reads.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="reloaded">Called after each later reading with null, or with the error when it is a new one.</param>
    /// <param name="clock">The clock.</param>
    public WatchedFile(string[] paths, Func<T> read, Action<Exception?> reloaded, TimeProvider clock)
    {
        _paths = paths;
        _read = read;
        _reloaded = reloaded;
        _clock = clock;
        _checked = clock.GetTimestamp();
        _stamp = Stamp();
        _value = read();
    }

    public T Value
    {
        get
        {
            lock (_lock)
            {
                if (_clock.GetElapsedTime(_checked) >= Interval)
                    Check();
                return _value;
            }
        }
    }

    /// <summary>Whether a file has changed and cannot be used, so that an older value is in use.</summary>
    public bool IsOutdated
    {
        get
        {
            _ = Value;
            lock (_lock)
                return _problem is not null;
        }
    }

    private void Check()
    {
        _checked = _clock.GetTimestamp();
        string stamp = Stamp();
        if (stamp == _stamp)
            return;
        try
        {
            _value = _read();
            _stamp = stamp;
            _problem = null;
            _reloaded(null);
        }
        catch (P2PException e)
        {
            // Perhaps only one of two files is renewed yet. The next use reads again; the same error is reported once.
            if (e.Message != _problem)
                _reloaded(e);
            _problem = e.Message;
        }
    }

    private string Stamp() => string.Join('|', _paths.Select(path => Target(path) is { Exists: true } file ? $"{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}" : "none"));

    // A link says nothing about its file: Kubernetes renews a secret by another folder behind a link that stays.
    private static FileInfo? Target(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
