namespace P2PCopy.Relay.Hosting;

/// <summary>A file's content in a form, read again when the file's time or size changes. Safe to use from any thread.</summary>
/// <remarks>
/// The file is looked at when it is needed and at most once a second: that works on every file system, where watchers do
/// not. A file that cannot be read any more leaves the last good content in force.
/// </remarks>
internal sealed class WatchedFile<T>
    where T : class
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string[] _paths;
    private readonly Func<T> _read;
    private readonly Action<Exception?> _reloaded;
    private readonly TimeProvider _clock;
    private string _stamp;
    private long _looked;
    private T _value;

    /// <summary>Reads for the first time; what <paramref name="read"/> throws passes through.</summary>
    /// <param name="paths">The files that <paramref name="read"/> reads.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="reloaded">Told of each later reading: null, or why it failed.</param>
    /// <param name="clock">The clock.</param>
    public WatchedFile(string[] paths, Func<T> read, Action<Exception?> reloaded, TimeProvider clock)
    {
        _paths = paths;
        _read = read;
        _reloaded = reloaded;
        _clock = clock;
        _looked = clock.GetTimestamp();
        _stamp = Stamp();
        _value = read();
    }

    public T Value
    {
        get
        {
            lock (_lock)
            {
                if (_clock.GetElapsedTime(_looked) >= s_interval)
                    Look();
                return _value;
            }
        }
    }

    private void Look()
    {
        _looked = _clock.GetTimestamp();
        string stamp = Stamp();
        if (stamp == _stamp)
            return;
        try
        {
            _value = _read();
            _stamp = stamp;
            _reloaded(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or P2PException)
        {
            // Perhaps half written: looked at again with the next use.
            _reloaded(e);
        }
    }

    private string Stamp() => string.Join('|', _paths.Select(path =>
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks}:{file.Length}" : "none";
    }));
}
