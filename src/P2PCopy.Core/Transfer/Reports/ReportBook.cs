using System.Security.Cryptography;
using P2PCopy.Files.Names;
using P2PCopy.Files.Source;

namespace P2PCopy.Transfer.Reports;

/// <summary>
/// The report in the making: a line for each entry of the offer, which becomes its result. Safe from any thread.
/// </summary>
internal sealed class ReportBook(EventSink events, TransferMeter meter)
{
    private static readonly string EmptyDigest = Convert.ToHexString(SHA256.HashData([]));

    private readonly Lock _lock = new();
    private readonly List<FileReport> _files = [];

    // Failures that another round may mend. Who is told of one ends a script for a file that arrives a moment later.
    private readonly HashSet<int> _untold = [];

    /// <summary>What the sender calls itself; null when it does not say, and on the sender.</summary>
    public string? SenderName { get; set; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _files.Count;
        }
    }

    public FileReport this[int line]
    {
        get
        {
            lock (_lock)
                return _files[line];
        }
    }

    /// <summary>Adds a line that has no result yet.</summary>
    public int Open(ManifestEntry entry, string? fullName)
    {
        lock (_lock)
        {
            _files.Add(new FileReport
            {
                Name = entry.Name,
                FullName = fullName,
                Length = Math.Max(0, entry.Length),
                Kind = (FileReportKind)entry.Kind,
                Status = FileStatus.Unconfirmed,
                Error = P2PErrorCode.Unconfirmed,
                Message = "The transfer ended before the other side confirmed it.",
            });
            return _files.Count - 1;
        }
    }

    /// <summary>Adds the line of something that failed before it could be offered.</summary>
    public void AddProblem(SourceProblem problem) => Announce(new FileReport
    {
        Name = problem.Name,
        FullName = problem.FullPath,
        Status = FileStatus.Failed,
        Error = SourceProblem.Code,
        Message = problem.Message,
    });

    /// <summary>Settles a line well.</summary>
    public void Settle(int line, FileStatus status, long? length = null, byte[]? digest = null, string? fullName = null, string? message = null)
        => Settle(line, file => file with
        {
            Status = status,
            Error = null,
            Message = message,
            Length = length ?? file.Length,
            Hash = digest is null ? null : Hex(digest),
            FullName = fullName ?? file.FullName,
        });

    /// <summary>Settles a line as failed.</summary>
    public void Fail(int line, P2PErrorCode code, string message) => Settle(line, Failure(code, message));

    /// <summary>Settles a line as failed until it is settled again, in a further round; told when none came.</summary>
    public void FailForNow(int line, P2PErrorCode code, string message)
    {
        lock (_lock)
        {
            _files[line] = Failure(code, message)(_files[line]);
            _untold.Add(line);
        }
    }

    /// <summary>No further round comes: tells of what failed for now.</summary>
    public void TellFailures()
    {
        FileReport[] files;
        lock (_lock)
        {
            files = [.. _untold.Order().Select(line => _files[line])];
            _untold.Clear();
        }

        foreach (FileReport file in files)
            Tell(file);
    }

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<FileReport> ToList()
    {
        lock (_lock)
            return [.. _files];
    }

    private void Settle(int line, Func<FileReport, FileReport> change)
    {
        FileReport file;
        lock (_lock)
        {
            _files[line] = file = change(_files[line]);
            _untold.Remove(line);
        }

        Tell(file);
    }

    private void Tell(FileReport file)
    {
        if (file.Kind == FileReportKind.File)
            meter.AddFile();
        events.Raise(new TransferEvent.FileCompleted(file));
    }

    private void Announce(FileReport file)
    {
        lock (_lock)
            _files.Add(file);
        events.Raise(new TransferEvent.FileCompleted(file));
    }

    private static Func<FileReport, FileReport> Failure(P2PErrorCode code, string message)
        => file => file with { Status = FileStatus.Failed, Error = code, Message = message };

    private static string Hex(byte[] digest)
    {
        string hex = Convert.ToHexString(digest);
        return hex == EmptyDigest ? EmptyDigest : hex; // a hundred thousand empty files share one string
    }
}
