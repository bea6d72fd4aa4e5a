using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Writing;

/// <summary>The common settings of the items of a round.</summary>
/// <param name="Trailers">The trailers of the round.</param>
/// <param name="Output">The destination of content.</param>
/// <param name="Meter">The progress.</param>
internal sealed record ItemContext(RoundTrailers Trailers, IContentOutput Output, TransferMeter Meter)
{
    /// <summary>Whether the partial of an incomplete item stays for a later run.</summary>
    public bool KeepPartials { get; init; } = true;

    /// <summary>Bytes of content that a stream of unknown length may have.</summary>
    public long MaxOpenEnded { get; init; } = long.MaxValue;
}
