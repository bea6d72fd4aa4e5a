using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>What a receiver knows of one round.</summary>
internal sealed class ReceiveRound(int number)
{
    public int Number => number;

    public List<ManifestEntry> Entries { get; } = [];

    /// <summary>One for each of <see cref="Entries"/>.</summary>
    public List<DestinationDecision> Decisions { get; } = [];

    /// <summary>The report line of each of <see cref="Entries"/>.</summary>
    public List<int> Lines { get; } = [];

    /// <summary>Whether the sender was told of blocks of each of <see cref="Entries"/>.</summary>
    public List<bool> HasBlocks { get; } = [];

    public int PagesTaken { get; set; }

    /// <summary>The one entry is data whose length is known at its end.</summary>
    public bool IsOpenEnded { get; set; }

    /// <summary>Bytes that earlier rounds offered.</summary>
    public long BytesOfferedBefore { get; init; }

    /// <summary>Bytes that came of data whose length was not known.</summary>
    public long OpenEndedLength { get; set; }

    /// <summary>Free bytes that building the wanted files takes.</summary>
    public long BytesNeeded { get; set; }

    public bool IsWantedFile(int index)
        => Entries[index].Kind == EntryKind.File && Decisions[index].Kind == DecisionKind.Want;
}
