using System.Security.Cryptography;
using P2PCopy.Compression;
using P2PCopy.Files.Names;
using P2PCopy.Files.Source;

namespace P2PCopy.Transfer.Reports;

/// <summary>
/// The report while the transfer runs: one line for each entry of the offer. Safe from any thread.
/// </summary>
internal sealed class ReportBook(EventSink events, TransferMeter meter)
{
    private static readonly string EmptyDigest = Convert.ToHexString(SHA256.HashData([]));

    private readonly Lock _lock = new();
    private readonly List<FileReport> _files = [];

    // Failures that another round may correct. Their events wait, because a script may stop at the first failure.
    private readonly HashSet<int> _deferred = [];

    private volatile CodecId _codec = CodecId.Raw;

    /// <summary>The name that the sender gives itself; null if it gives none, and on the sender.</summary>
    public string? SenderName { get; set; }

    /// <summary>See <see cref="TransferReport.IsDurable"/>.</summary>
    public bool IsDurable { get; set; }

    /// <summary>The codec of the compressed chunks; null if no chunk was compressed.</summary>
    public CompressionCodec? Codec => _codec switch
    {
        CodecId.Zstd => CompressionCodec.Zstd,
        CodecId.Gzip => CompressionCodec.Gzip,
        _ => null,
    };

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

    /// <summary>Notes the codec of a compressed chunk.</summary>
    public void AddCodec(CodecId codec) => _codec = codec;

    /// <summary>Adds the line of a file that the sender selected and could not read.</summary>
    public void AddProblem(SourceProblem problem) => Announce(new FileReport
    {
        Name = problem.Name,
        FullName = problem.FullPath,
        Status = FileStatus.Failed,
        Error = SourceProblem.Code,
        Message = problem.Problem.Message,
        Hint = problem.Problem.Hint,
    });

    /// <summary>Adds the line of a file that was not offered.</summary>
    public void AddFailure(string name, P2PErrorCode code, string message)
        => Announce(new FileReport { Name = name, Status = FileStatus.Failed, Error = code, Message = message });

    /// <summary>Settles a line without an error.</summary>
    public void Settle(int line, FileStatus status, long? length = null, byte[]? digest = null, string? fullName = null, string? message = null)
        => Settle(line, file => file with
        {
            Status = status,
            Error = null,
            Message = message,
            Hint = null,
            Length = length ?? file.Length,
            Hash = digest is null ? null : Hex(digest),
            FullName = fullName ?? file.FullName,
        });

    /// <summary>Settles a line as failed.</summary>
    public void Fail(int line, P2PErrorCode code, string message, string? hint = null) => Settle(line, Failure(code, message, hint));

    /// <summary>Settles a line as failed. The event waits until no further round can correct it.</summary>
    public void FailForNow(int line, P2PErrorCode code, string message, string? hint = null)
    {
        lock (_lock)
        {
            _files[line] = Failure(code, message, hint)(_files[line]);
            _deferred.Add(line);
        }
    }

    /// <summary>Raises the events that waited, because no further round follows.</summary>
    public void RaiseDeferred()
    {
        FileReport[] files;
        lock (_lock)
        {
            files = [.. _deferred.Order().Select(line => _files[line])];
            _deferred.Clear();
        }

        foreach (FileReport file in files)
            RaiseCompleted(file);
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
            _deferred.Remove(line);
        }

        RaiseCompleted(file);
    }

    private void RaiseCompleted(FileReport file)
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

    private static Func<FileReport, FileReport> Failure(P2PErrorCode code, string message, string? hint)
        => file => file with { Status = FileStatus.Failed, Error = code, Message = message, Hint = hint };

    private static string Hex(byte[] digest)
    {
        string hex = Convert.ToHexString(digest);
        return hex == EmptyDigest ? EmptyDigest : hex; // empty files share one string
    }
}
