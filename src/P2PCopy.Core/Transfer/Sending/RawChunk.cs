namespace P2PCopy.Transfer.Sending;

/// <summary>A chunk before it is encoded.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Buffer">A pooled buffer with the raw bytes behind <see cref="OutgoingRecord.HeaderLength"/>.</param>
/// <param name="Length">Raw bytes.</param>
internal readonly record struct RawChunk(long Number, byte[] Buffer, int Length)
{
    /// <summary>It ends a round of unknown length.</summary>
    public bool IsLast { get; init; }

    /// <summary>The first byte is that of a file, where a signature would be.</summary>
    public bool StartsFile { get; init; }
}
