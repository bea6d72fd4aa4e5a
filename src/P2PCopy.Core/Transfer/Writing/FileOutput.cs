using P2PCopy.Files.Destination;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>The files of a destination.</summary>
internal sealed class FileOutput(DestinationTree tree) : IContentOutput
{
    // A shorter file arrives in one or two pieces, whose writes look like one in the times.
    private static readonly Lazy<bool> NotWatched = new(false);

    // Determined when the first file is open, because the folder exists then.
    private readonly Lazy<bool> _watched = new(() => FileSystem.Current.IsLocal(tree.Root));

    /// <inheritdoc/>
    public IContentSink Open(IncomingEntry entry, ContentItem item)
        => FileSink.Open(tree, entry, item.Plan, item.IsOpenEnded || item.FileLength >= OptionLimits.MinChunkSize ? _watched : NotWatched);
}
