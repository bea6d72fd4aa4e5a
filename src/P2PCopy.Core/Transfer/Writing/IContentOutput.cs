using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>The destination of the content of a transfer.</summary>
internal interface IContentOutput
{
    /// <summary>Opens the sink of an item.</summary>
    /// <exception cref="P2PException">It cannot be written, or it has changed since the plan of the item was made.</exception>
    IContentSink Open(IncomingEntry entry, ContentItem item);
}
