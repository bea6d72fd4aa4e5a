using P2PCopy.Files.Destination;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>The files of a destination.</summary>
internal sealed class FileOutput(DestinationTree tree) : IContentOutput
{
    /// <inheritdoc/>
    public IContentSink Open(IncomingEntry entry, ContentItem item) => FileSink.Open(tree, entry, item.Plan);
}
