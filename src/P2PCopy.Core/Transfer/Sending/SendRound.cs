using P2PCopy.Files.Names;
using P2PCopy.Files.Source;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Sending;

/// <summary>The state of one round at the sender. Safe from any thread.</summary>
/// <param name="trailers">The number of the round and its trailers.</param>
/// <param name="entries">What is offered. The round owns it.</param>
internal sealed class SendRound(RoundTrailers trailers, OutgoingEntry[] entries)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _openEndedLength;
    private string? _openEndedFailure;

    /// <summary>From 0.</summary>
    public int Number => trailers.Round;

    /// <summary>The number of entries.</summary>
    public int Count => entries.Length;

    /// <summary>The wanted files.</summary>
    public ContentCursor Content { get; } = new();

    public RoundTrailers Trailers => trailers;

    /// <summary>What is offered, in order.</summary>
    public IEnumerable<SourceEntry> Sources => entries.Select(entry => entry.Source);

    /// <summary>Completes when every entry has its result.</summary>
    public Task Settled => _settled.Task;

    public SourceEntry SourceOf(int index) => entries[index].Source;

    public ManifestEntry Offered(int index) => entries[index].Source.Entry;

    /// <summary>The report line of an entry.</summary>
    public int LineOf(int index) => entries[index].Line;

    /// <summary>Reads an item of the content.</summary>
    /// <param name="item">The item.</param>
    /// <param name="folder">The folder of the item before, for items that are read one after the other.</param>
    public ItemReader Open(ContentItem item, LatestFolder? folder = null)
    {
        int index = (int)item.Index;
        return new ItemReader(item, SourceOf(index), trailers, ComparedOf(index)?.Digest) { Folder = folder };
    }

    /// <summary>A file was read to its end, or failed.</summary>
    public void SetRead(ItemReader reader)
    {
        lock (_lock)
        {
            ref OutgoingEntry entry = ref entries[(int)reader.Item.Index];
            entry.Digest = reader.Digest;
            entry.Failure = reader.Failure;
        }
    }

    /// <summary>The receiver is to compare a file.</summary>
    public void SetListed(ListedFile file)
    {
        lock (_lock)
            entries[file.Index].Listed = file;
    }

    /// <summary>The receiver has compared a file.</summary>
    public void SetCompared(ListedFile file)
    {
        lock (_lock)
            SetCompared(ref entries[file.Index], new ComparedEntry(file.Plan.SendLength, file.IsExisting, file.Digest));
    }

    /// <summary>The receiver already had the file.</summary>
    public bool IsExisting(int index) => ComparedOf(index) is { IsExisting: true };

    /// <summary>Bytes of a file that are sent.</summary>
    public long SentLength(int index) => ComparedOf(index) switch
    {
        null => Math.Max(0, Offered(index).Length),
        { IsExisting: true } => 0,
        var found => found.SendLength,
    };

    /// <summary>The stream of unknown length was read to its end, or failed.</summary>
    public void SetOpenEnded(long length, byte[]? digest, string? failure)
    {
        lock (_lock)
        {
            entries[0].Digest = digest;
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
            ref OutgoingEntry entry = ref TakeResult(index);
            if (entry.Failure is not null)
                throw ProtocolErrors.Malformed("a good result for a file that could not be read");

            // Results are taken at once, so one can overtake the last answer about blocks. No content is sent before that answer:
            // the receiver already had the file.
            if (entry.Listed is { } file)
                SetCompared(ref entry, new ComparedEntry(0, IsExisting: true, file.Digest));
            long length = entry.Source.Entry.Length;
            return (entry.Digest, length < 0 ? _openEndedLength : length);
        }
    }

    /// <summary>The receiver kept another file in place of an entry.</summary>
    /// <returns>Bytes of the entry.</returns>
    public long TakeSkipped(int index)
    {
        lock (_lock)
            return Math.Max(0, TakeResult(index).Source.Entry.Length);
    }

    /// <summary>The receiver does not have an entry.</summary>
    /// <returns>The failure to report, preferably this side's own.</returns>
    public EntryFailure TakeFailed(int index, P2PErrorCode code, string message)
    {
        lock (_lock)
        {
            ref OutgoingEntry entry = ref TakeResult(index);
            if (_openEndedFailure is not null)
                return new EntryFailure(P2PErrorCode.FileReadError, $"Reading the input failed: {_openEndedFailure}", Hint: null, IsWorthRetrying: false);
            entry.IsWorthRetrying = entry.Failure?.IsChange ?? (code == P2PErrorCode.IntegrityCheckFailed && entry.Source.Entry.Length >= 0);
            return entry.Failure is { } own
                ? new EntryFailure(SourceFailedException.Code, own.Message, own.Hint, entry.IsWorthRetrying)
                : new EntryFailure(code, message, Hint: null, entry.IsWorthRetrying);
        }
    }

    /// <summary>Entries whose failure another attempt may correct, as they are now.</summary>
    public OutgoingEntry[] WorthRetrying()
    {
        List<OutgoingEntry> again = [];
        lock (_lock)
        {
            foreach (OutgoingEntry entry in entries)
            {
                if (entry.IsWorthRetrying && entry.Source.TryRefresh() is { } fresh)
                    again.Add(new OutgoingEntry(fresh, entry.Line));
            }
        }

        return [.. again];
    }

    public void Settle() => _settled.TrySetResult();

    private static void SetCompared(ref OutgoingEntry entry, ComparedEntry compared)
    {
        entry.Listed = null;
        entry.Compared = compared;
        entry.Digest = compared.Digest;
    }

    private ComparedEntry? ComparedOf(int index)
    {
        lock (_lock)
            return entries[index].Compared;
    }

    private ref OutgoingEntry TakeResult(int index)
    {
        ref OutgoingEntry entry = ref entries[index];
        if (entry.IsSettled)
            throw ProtocolErrors.Malformed("two results for one entry");
        entry.IsSettled = true;
        return ref entry;
    }
}
