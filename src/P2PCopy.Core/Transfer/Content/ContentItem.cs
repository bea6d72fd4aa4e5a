using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Content;

/// <summary>A file in the numbered stream of a round: the bytes of its ranges, then its trailer.</summary>
/// <param name="index">Number of the entry in the round's offer.</param>
/// <param name="length">Bytes of the file; -1 when it is only known at its end.</param>
/// <param name="plan">Ranges, where not simply the whole file is sent.</param>
internal sealed class ContentItem(long index, long length, FilePlan? plan = null)
{
    public long Index => index;

    /// <summary>Bytes of the file; -1 when unknown.</summary>
    public long FileLength => length;

    public FilePlan? Plan => plan;

    public bool IsOpenEnded => length < 0;

    /// <summary>Bytes of content in the stream.</summary>
    public long DataLength { get; } = plan?.SendLength ?? Math.Max(0, length);

    /// <summary>Bytes in the stream, trailer included.</summary>
    public long StreamLength => DataLength + Trailer.Length;
}
