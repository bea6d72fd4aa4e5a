using P2PCopy.Files.Destination;
using P2PCopy.Files.Platform;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>The files of a destination.</summary>
internal sealed class FileOutput(DestinationTree tree) : IContentOutput
{
    // Determined when the first file is open, because the folder exists then.
    private readonly Lazy<bool> _watched = new(() => FileSystem.Current.IsLocal(tree.Root));

    /// <inheritdoc/>
    public IContentSink Open(IncomingEntry entry, ContentItem item) => FileSink.Open(tree, entry, item.Plan, _watched);
}
