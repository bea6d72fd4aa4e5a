namespace P2PCopy.Transfer.Control;

/// <summary>A control message of protocol.md §7. One JSON object whose <c>type</c> tells which.</summary>
internal abstract record ControlMessage;

/// <summary>The first message of each side.</summary>
internal sealed record SettingsMessage : ControlMessage
{
    /// <summary>Compression codecs this side has, best first: <c>zstd</c>, <c>gzip</c>.</summary>
    public required string[] Codecs { get; init; }

    /// <summary>Bytes of chunks this side lets be unacknowledged.</summary>
    public required long Window { get; init; }

    /// <summary>Sender: raw bytes in a chunk.</summary>
    public int ChunkSize { get; init; }

    /// <summary>Sender: whether trailers carry a digest.</summary>
    public bool Hash { get; init; }

    /// <summary>Sender: what it calls itself, at most <see cref="MaxNameLength"/> characters; nothing vouches for it.</summary>
    public string? Name { get; init; }

    /// <summary>Characters of a name.</summary>
    public const int MaxNameLength = 255;
}

/// <summary>A part of the list of what the sender offers in a round.</summary>
internal sealed record OfferPage : ControlMessage
{
    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    public required OfferedEntry[] Entries { get; init; }
}

/// <summary>One offered entry.</summary>
internal sealed record OfferedEntry
{
    /// <summary>Destination name.</summary>
    public required string Name { get; init; }

    /// <summary>0 file, 1 folder, 2 link.</summary>
    public int Kind { get; init; }

    /// <summary>Bytes; -1 unknown.</summary>
    public long Length { get; init; }

    /// <summary>Modification time: 100 ns since 1970-01-01 UTC.</summary>
    public long Modified { get; init; }

    /// <summary>Unix permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>Read-only attribute.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Target of a link.</summary>
    public string? LinkTarget { get; init; }
}

/// <summary>What the receiver says to the entries below <see cref="UpTo"/> that no page before has answered.</summary>
internal sealed record AnswerPage : ControlMessage
{
    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    /// <summary>Entries below this number are answered.</summary>
    public required long UpTo { get; init; }

    /// <summary>Those of them that are not simply wanted whole.</summary>
    public required AnsweredEntry[] Entries { get; init; }
}

/// <summary>The answer to one entry.</summary>
internal sealed record AnsweredEntry
{
    /// <summary>Number of the entry in the round's offer, from 0.</summary>
    public required long Index { get; init; }

    /// <summary><c>unchanged</c>, <c>skip</c>, <c>refuse</c>; or <c>blocks</c>: wanted, and the blocks pages before tell what is here.</summary>
    public string? Answer { get; init; }

    /// <summary>Of a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>Of a refusal or skip.</summary>
    public string? Message { get; init; }
}

/// <summary>
/// A part of the list of blocks that the receiver has of one entry's file. All parts come before the answer to the entry.
/// </summary>
internal sealed record BlocksPage : ControlMessage
{
    public required int Round { get; init; }

    public required long Index { get; init; }

    /// <summary>True for the partial of an earlier run, false for the existing file.</summary>
    public required bool Partial { get; init; }

    /// <summary>The next bytes of the encoded list.</summary>
    public required byte[] Data { get; init; }
}

/// <summary>How the wanted entries below <see cref="UpTo"/> travel.</summary>
internal sealed record PlanPage : ControlMessage
{
    public required int Round { get; init; }

    public required int Page { get; init; }

    public required bool Last { get; init; }

    /// <summary>Entries below this number are planned.</summary>
    public required long UpTo { get; init; }

    /// <summary>Those of them that are not simply sent whole.</summary>
    public required PlannedEntry[] Items { get; init; }
}

/// <summary>The plan of one entry.</summary>
internal sealed record PlannedEntry
{
    public required long Index { get; init; }

    /// <summary>The existing file is the new content already; the entry is not in the stream.</summary>
    public bool Unchanged { get; init; }

    /// <summary>Ranges the partial holds in their place: offset, length, …; ascending.</summary>
    public long[]? Keep { get; init; }

    /// <summary>Ranges to copy from the existing file: to, from, length, …; ascending by <c>to</c>.</summary>
    public long[]? Copy { get; init; }

    /// <summary>Ranges to send: offset, length, …; ascending.</summary>
    public long[]? Send { get; init; }
}

/// <summary>Chunks that will not come.</summary>
internal sealed record VoidMessage : ControlMessage
{
    public required long First { get; init; }

    public required long Count { get; init; }
}

/// <summary>The sender opens further streams.</summary>
internal sealed record StreamsMessage : ControlMessage
{
    /// <summary>Streams in all, stream 0 included.</summary>
    public required int Count { get; init; }
}

/// <summary>What became of entries.</summary>
internal sealed record ResultsPage : ControlMessage
{
    public required int Round { get; init; }

    /// <summary>True when every entry of the round has its result.</summary>
    public required bool Last { get; init; }

    /// <summary>Written, verified and renamed: first, count, first, count, …</summary>
    public required long[] Good { get; init; }

    public required FailedEntry[] Failed { get; init; }
}

/// <summary>An entry that failed at the receiver.</summary>
internal sealed record FailedEntry
{
    public required long Index { get; init; }

    public required string Code { get; init; }

    public required string Message { get; init; }
}

/// <summary>The sender has nothing more to offer.</summary>
internal sealed record EndMessage : ControlMessage
{
    /// <summary>Entries that the sender holds a good result for.</summary>
    public required long Confirmed { get; init; }
}

/// <summary>The receiver has written, verified and renamed all that it said it has.</summary>
internal sealed record ReceiptMessage : ControlMessage
{
    public required long Confirmed { get; init; }
}

/// <summary>The sender has the receipt.</summary>
internal sealed record ByeMessage : ControlMessage;
