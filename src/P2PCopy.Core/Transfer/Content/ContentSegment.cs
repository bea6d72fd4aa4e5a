namespace P2PCopy.Transfer.Content;

/// <summary>A part of an item in a part of a chunk.</summary>
/// <param name="Item">The item.</param>
/// <param name="Position">Where it begins in the item's stream bytes.</param>
/// <param name="ChunkOffset">Where it begins in the chunk.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ContentSegment(ContentItem Item, long Position, int ChunkOffset, int Length)
{
    /// <summary>The whole item lies in this chunk, so it can be worked on apart from all others.</summary>
    public bool IsWholeItem => !Item.IsOpenEnded && Length == Item.ContentLength;

    /// <summary>The whole items of a chunk in groups, so that a task for each is worth its while and several work at once.</summary>
    public static List<List<ContentSegment>> BatchWholeItems(List<ContentSegment> segments)
    {
        const int BatchItems = 32;
        List<List<ContentSegment>> batches = [];
        foreach (ContentSegment segment in segments)
        {
            if (!segment.IsWholeItem)
                continue;
            if (batches.Count == 0 || batches[^1].Count == BatchItems)
                batches.Add([]);
            batches[^1].Add(segment);
        }

        return batches;
    }
}
