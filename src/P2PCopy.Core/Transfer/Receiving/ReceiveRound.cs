using P2PCopy.Files.Names;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>The state of one round at the receiver.</summary>
/// <param name="trailers">The number of the round and its trailers.</param>
internal sealed class ReceiveRound(RoundTrailers trailers) : IDisposable
{
    private readonly List<IncomingEntry> _entries = [];

    /// <summary>From 0.</summary>
    public int Number => trailers.Round;

    public RoundTrailers Trailers => trailers;

    /// <summary>The offered entries and their state.</summary>
    public IReadOnlyList<IncomingEntry> Entries => _entries;

    /// <summary>What is offered, in order.</summary>
    public IEnumerable<ManifestEntry> Offered => _entries.Select(entry => entry.Offered);

    /// <summary>The wanted files.</summary>
    public ContentCursor Content { get; } = new();

    public int PagesTaken { get; set; }

    /// <summary>Whether the one entry is a stream of unknown length.</summary>
    public bool IsOpenEnded { get; private set; }

    /// <summary>Names that the sender selected and could not read.</summary>
    public List<string> Unread { get; } = [];

    /// <summary>Names of files that are offered again and that the user declined.</summary>
    public HashSet<string> Declined { get; set; } = [];

    /// <summary>Bytes that arrived of a stream of unknown length.</summary>
    public long OpenEndedLength { get; set; }

    /// <summary>Adds the next entry of the offer.</summary>
    public void Add(ManifestEntry offered)
    {
        _entries.Add(new IncomingEntry(_entries.Count, offered));
        IsOpenEnded |= offered.Length < 0;
    }

    /// <summary>The entry of an item of the content.</summary>
    public IncomingEntry EntryOf(ContentItem item) => _entries[(int)item.Index];

    public void Dispose()
    {
        foreach (IncomingEntry entry in _entries)
            entry.Prefix?.Dispose();
    }
}
