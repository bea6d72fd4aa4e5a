using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>The state of one round at the receiver.</summary>
internal sealed class ReceiveRound(int number)
{
    public int Number => number;

    public List<ManifestEntry> Entries { get; } = [];

    /// <summary>One for each of <see cref="Entries"/>.</summary>
    public List<DestinationDecision> Decisions { get; } = [];

    /// <summary>The report line of each of <see cref="Entries"/>.</summary>
    public List<int> Lines { get; } = [];

    /// <summary>Whether the sender lists the blocks of each of <see cref="Entries"/>.</summary>
    public List<bool> HasBlocks { get; } = [];

    public int PagesTaken { get; set; }

    /// <summary>The one entry is a stream of unknown length.</summary>
    public bool IsOpenEnded { get; set; }

    /// <summary>Names that the sender selected and could not read.</summary>
    public List<string> Unread { get; } = [];

    /// <summary>Names of files that are offered again and that the user declined.</summary>
    public HashSet<string> Declined { get; set; } = [];

    /// <summary>Bytes that arrived of a stream of unknown length.</summary>
    public long OpenEndedLength { get; set; }

    public bool IsWantedFile(int index)
        => Entries[index].Kind == EntryKind.File && Decisions[index].Kind == DecisionKind.Want;
}
