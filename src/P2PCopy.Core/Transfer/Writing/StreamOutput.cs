using P2PCopy.Files.Destination;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// The stream of the caller to which one file is written. There is one attempt, because the reader could not separate a second
/// attempt from the beginning of the first.
/// </summary>
internal sealed class StreamOutput(Stream stream) : IContentOutput
{
    /// <summary>Whether data may have been written.</summary>
    public bool IsBegun { get; private set; }

    /// <inheritdoc/>
    public IContentSink Open(IncomingEntry entry, ContentItem item)
    {
        IsBegun = true;
        return new StreamSink(stream);
    }

    /// <summary>Decides whether an offered file can still be written.</summary>
    public DestinationDecision Decide() => IsBegun
        ? DestinationDecision.Refuse(
            P2PErrorCode.FileWriteError, "A part of it is already written to the output stream and cannot be taken back.", "Run again.")
        : new DestinationDecision { Kind = DecisionKind.Want, ExistingLength = -1 };

    /// <summary>The error of a session that follows one that had begun to write.</summary>
    public static P2PException BrokenOff() => new(
        P2PErrorCode.ConnectionLost,
        "The sender was started again in the middle of a stream, and the part that is already written cannot be taken back.")
    {
        Hint = "Discard the incomplete output, then start both sides again.",
    };
}
