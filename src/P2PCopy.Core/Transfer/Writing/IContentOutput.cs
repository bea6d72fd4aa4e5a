using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>Where the content of a transfer goes.</summary>
internal interface IContentOutput
{
    /// <summary>Opens the sink of an item.</summary>
    /// <exception cref="P2PException">It cannot be written, or is no longer what the item's plan was made from.</exception>
    IContentSink Open(IncomingEntry entry, ContentItem item);
}
