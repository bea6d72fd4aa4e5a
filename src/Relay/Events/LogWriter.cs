using System.Collections.Concurrent;
using System.Globalization;

namespace P2PCopy.Relay.Events;

/// <summary>
/// Writes log lines on a thread of its own, so that a log that is full, closed or slow neither stops nor delays the program. Lines
/// that cannot be written are dropped; their number is written as soon as the log can be written again.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private const int MaxQueued = 4096;

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);

    private readonly Func<string, bool> _tryWrite;
    private readonly BlockingCollection<string> _lines = new(MaxQueued);
    private readonly Thread _thread;
    private long _lost;
    private long _lostInAll;

    /// <param name="tryWrite">Writes one line; false if the log did not accept it.</param>
    public LogWriter(Func<string, bool> tryWrite)
    {
        _tryWrite = tryWrite;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    /// <summary>Lines that were dropped and not reported yet.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Lines that were dropped.</summary>
    public long LostInAll => Interlocked.Read(ref _lostInAll);

    public void Add(string line)
    {
        if (!_lines.TryAdd(line))
            Lose();
    }

    /// <summary>Writes what is queued, but waits only a moment for a log that does not accept it.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        if (_thread.Join(EndTime))
            _lines.Dispose();
    }

    private void WriteAll()
    {
        foreach (string line in _lines.GetConsumingEnumerable())
        {
            long lost = Interlocked.Exchange(ref _lost, 0);
            if (lost > 0 && !TryWrite(string.Create(CultureInfo.InvariantCulture, $"log: {lost} lines could not be written and are lost")))
            {
                Interlocked.Add(ref _lost, lost);
                Lose();
            }
            else if (!TryWrite(line))
            {
                Lose();
            }
        }
    }

    private void Lose()
    {
        Interlocked.Increment(ref _lost);
        Interlocked.Increment(ref _lostInAll);
    }

    private bool TryWrite(string line)
    {
        try
        {
            return _tryWrite(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
