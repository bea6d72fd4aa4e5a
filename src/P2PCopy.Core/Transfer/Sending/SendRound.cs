using P2PCopy.Files.Source;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Sending;

/// <summary>The state of one round at the sender. Safe from any thread.</summary>
/// <param name="number">From 0.</param>
/// <param name="entries">What is offered.</param>
/// <param name="lines">The report line of each entry.</param>
internal sealed class SendRound(int number, IReadOnlyList<SourceEntry> entries, IReadOnlyList<int> lines)
{
    private readonly Lock _lock = new();
    private readonly byte[]?[] _digests = new byte[]?[entries.Count];
    private readonly Dictionary<int, SourceFailedException> _unread = [];
    private readonly Dictionary<int, (long SendLength, bool IsExisting, byte[]? Digest)> _compared = [];
    private readonly Dictionary<int, ListedFile> _listed = [];
    private readonly HashSet<int> _settledEntries = [];
    private readonly List<int> _retry = [];
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _openEndedLength;
    private string? _openEndedFailure;

    public int Number => number;

    public IReadOnlyList<SourceEntry> Entries => entries;

    public IReadOnlyList<int> Lines => lines;

    /// <summary>Completes when every entry has its result.</summary>
    public Task Settled => _settled.Task;

    /// <summary>A file was read to its end, or failed.</summary>
    public void SetRead(int index, byte[]? digest, SourceFailedException? failure)
    {
        lock (_lock)
        {
            _digests[index] = digest;
            if (failure is not null)
                _unread[index] = failure;
        }
    }

    /// <summary>The receiver is to compare a file.</summary>
    public void SetListed(ListedFile file)
    {
        lock (_lock)
            _listed[file.Index] = file;
    }

    /// <summary>The receiver has compared a file.</summary>
    public void SetCompared(ListedFile file)
    {
        lock (_lock)
        {
            _listed.Remove(file.Index);
            _compared[file.Index] = (file.Plan.SendLength, file.IsExisting, file.Digest);
            _digests[file.Index] = file.Digest;
        }
    }

    /// <summary>The digest that comparing gave; null when the file was not compared.</summary>
    public byte[]? ComparedDigest(int index) => Compared(index)?.Digest;

    /// <summary>The receiver already had the file.</summary>
    public bool IsExisting(int index) => Compared(index) is { IsExisting: true };

    /// <summary>Bytes of a file that are sent.</summary>
    public long SentLength(int index) => Compared(index) switch
    {
        null => Math.Max(0, entries[index].Entry.Length),
        { IsExisting: true } => 0,
        var found => found.Value.SendLength,
    };

    /// <summary>The stream of unknown length was read to its end, or failed.</summary>
    public void SetOpenEnded(long length, byte[]? digest, string? failure)
    {
        lock (_lock)
        {
            _digests[0] = digest;
            _openEndedLength = length;
            _openEndedFailure = failure;
        }
    }

    /// <summary>The receiver has an entry.</summary>
    /// <exception cref="P2PException">The result is the second one, or is for a file that was not sent.</exception>
    public (byte[]? Digest, long Length) TakeGood(int index)
    {
        lock (_lock)
        {
            TakeResult(index);
            if (_unread.ContainsKey(index))
                throw ProtocolErrors.Malformed("a good result for a file that could not be read");
            // Results are taken at once, so one can overtake the last answer about blocks. No content is sent before that answer:
            // the receiver already had the file.
            if (_listed.Remove(index, out ListedFile? file))
            {
                _compared[index] = (0, true, file.Digest);
                _digests[index] = file.Digest;
            }

            long length = entries[index].Entry.Length;
            return (_digests[index], length < 0 ? _openEndedLength : length);
        }
    }

    /// <summary>The receiver kept another file in place of an entry.</summary>
    /// <returns>Bytes of the entry.</returns>
    public long TakeSkipped(int index)
    {
        lock (_lock)
        {
            TakeResult(index);
            return Math.Max(0, entries[index].Entry.Length);
        }
    }

    /// <summary>The receiver does not have an entry.</summary>
    /// <returns>The reason to report, preferably this side's own, and whether another attempt may correct it.</returns>
    public (P2PErrorCode Code, string Message, bool IsWorthRetrying) TakeFailed(int index, P2PErrorCode code, string message)
    {
        lock (_lock)
        {
            TakeResult(index);
            if (_openEndedFailure is not null)
                return (P2PErrorCode.FileReadError, $"Reading the input failed: {_openEndedFailure}", false);
            SourceFailedException? unread = _unread.GetValueOrDefault(index);
            bool isWorthRetrying = unread?.IsChange ?? (code == P2PErrorCode.IntegrityCheckFailed && entries[index].Entry.Length >= 0);
            if (isWorthRetrying)
                _retry.Add(index);
            return unread is null ? (code, message, isWorthRetrying) : (SourceFailedException.Code, unread.Message, isWorthRetrying);
        }
    }

    /// <summary>Entries whose failure another attempt may correct, as they are now.</summary>
    public List<SourceEntry> WorthRetrying(out IReadOnlyList<int> ownLines)
    {
        List<SourceEntry> again = [];
        List<int> againLines = [];
        lock (_lock)
        {
            foreach (int index in _retry.Order())
            {
                if (entries[index].TryRefresh() is not { } fresh)
                    continue;
                again.Add(fresh);
                againLines.Add(lines[index]);
            }
        }

        ownLines = againLines;
        return again;
    }

    public void Settle() => _settled.TrySetResult();

    private (long SendLength, bool IsExisting, byte[]? Digest)? Compared(int index)
    {
        lock (_lock)
            return _compared.TryGetValue(index, out (long, bool, byte[]?) compared) ? compared : null;
    }

    private void TakeResult(int index)
    {
        if (!_settledEntries.Add(index))
            throw ProtocolErrors.Malformed("two results for one entry");
    }
}
