using System.Security.Cryptography;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// Reads the files of a destination over and over on a thread of its own: each must be there with its old content or its
/// new content, whole, or, if it was not there, not be there.
/// </summary>
internal sealed class DestinationWatcher
{
    private readonly string _destination;
    private readonly Dictionary<string, (string? Old, string New)> _expected = [];
    private readonly Thread _thread;
    private volatile bool _stop;

    public DestinationWatcher(string destination, string source)
    {
        _destination = destination;
        foreach (string path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(source, path);
            _expected[name] = (Digest(Path.Combine(destination, name)), Digest(path)!);
        }

        _thread = new Thread(Watch) { IsBackground = true, Name = "destination watcher" };
        _thread.Start();
    }

    /// <summary>The first thing that must not be; null when there was none.</summary>
    public string? Violation { get; private set; }

    /// <summary>How often every file was looked at.</summary>
    public int Rounds { get; private set; }

    public void Stop()
    {
        _stop = true;
        _thread.Join();
    }

    private void Watch()
    {
        for (; !_stop; Rounds++)
        {
            foreach ((string name, (string? old, string whole)) in _expected)
            {
                if (_stop)
                    return;
                string? now = Digest(Path.Combine(_destination, name));
                if (now != old && now != whole)
                    Violation ??= now is null ? $"{name} is gone." : $"{name} is neither old nor new.";
            }

            Thread.Sleep(25); // leaves the processors to those who copy
        }
    }

    private static string? Digest(string path)
    {
        while (true)
        {
            try
            {
                // Opened once: a file that is replaced meanwhile stays what it was for this reader.
                using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                return Convert.ToHexString(SHA256.HashData(file));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (IOException)
            {
                // Renamed this instant, and the receiver has not let go of its lock yet, which .NET respects.
                Thread.Yield();
            }
        }
    }
}
