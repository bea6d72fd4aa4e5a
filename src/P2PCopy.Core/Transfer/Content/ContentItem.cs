using P2PCopy.Files.Delta;

namespace P2PCopy.Transfer.Content;

/// <summary>A file in the content of a round: the bytes that are sent, then its trailer.</summary>
/// <param name="index">Number of the entry in the round's offer.</param>
/// <param name="length">Bytes of the file; -1 when it is only known at its end.</param>
/// <param name="plan">The pieces of the file; null if it is sent whole.</param>
internal sealed class ContentItem(long index, long length, FilePlan? plan = null)
{
    public long Index => index;

    /// <summary>Bytes of the file; -1 when unknown.</summary>
    public long FileLength => length;

    public FilePlan? Plan => plan;

    public bool IsOpenEnded => length < 0;

    /// <summary>Bytes that are sent.</summary>
    public long DataLength { get; } = plan?.SendLength ?? Math.Max(0, length);

    /// <summary>Bytes in the content of the round, with the trailer.</summary>
    public long ContentLength => DataLength + Trailer.Length;
}
