using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Writing;

/// <summary>An entry of a round at the receiver, and its state.</summary>
/// <param name="index">Its number in the round.</param>
/// <param name="offered">The offered entry.</param>
internal sealed class IncomingEntry(int index, ManifestEntry offered)
{
    public int Index => index;

    public ManifestEntry Offered => offered;

    /// <summary>Its line in the report.</summary>
    public int Line { get; set; }

    /// <summary>The answer to the offer.</summary>
    public DestinationDecision Decision { get; set; }

    /// <summary>Whether the sender lists the blocks of the file.</summary>
    public bool HasBlocks { get; set; }

    /// <summary>The files that it was compared with, as they were then; null if it was not compared.</summary>
    public ComparedFiles? Compared { get; set; }

    /// <summary>The digest of the beginning of the file, from the comparison; null if there is none.</summary>
    public PrefixDigest? Prefix { get; set; }

    public bool IsWanted => Decision.Kind == DecisionKind.Want;

    public bool IsWantedFile => IsWanted && offered.Kind == EntryKind.File;
}
