using P2PCopy.Files.Delta;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class ContentCursorTests
{
    private readonly ContentCursor _cursor = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public async Task Chunks_of_any_size_cover_every_item_once_and_in_order(int chunkSize)
    {
        long[] lengths = [0, 5, 200, 1, 0, 63];
        ContentItem[] items = [.. lengths.Select((length, index) => new ContentItem(index, length))];
        foreach (ContentItem item in items)
            _cursor.Add(item);
        _cursor.Complete();

        long[] taken = new long[items.Length];
        int last = 0;
        while (await TakeAsync(chunkSize) is { Count: > 0 } segments)
        {
            int offset = 0;
            foreach (ContentSegment segment in segments)
            {
                int index = (int)segment.Item.Index;
                Assert.True(index >= last);
                last = index;
                Assert.Equal((taken[index], offset), (segment.Position, segment.ChunkOffset));
                taken[index] += segment.Length;
                offset += segment.Length;
            }

            Assert.True(offset == chunkSize || _cursor.IsAtEnd);
        }

        Assert.Equal(items.Select(item => item.ContentLength), taken);
        Assert.True(_cursor.IsAtEnd);
    }

    [Fact]
    public async Task A_chunk_waits_for_the_items_that_it_needs()
    {
        _cursor.Add(new ContentItem(0, 10));
        Task<List<ContentSegment>> chunk = TakeAsync(100);
        Assert.False(chunk.IsCompleted);
        _cursor.Add(new ContentItem(1, 1000));
        Assert.Equal([10 + Trailer.Length, 100 - 10 - Trailer.Length], (await chunk).Select(s => s.Length));
    }

    [Fact]
    public async Task The_end_is_known_when_nothing_is_left_and_nothing_can_come()
    {
        Task<bool> end = _cursor.WaitForEndAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(end.IsCompleted);
        _cursor.Complete();
        Assert.True(await end);
        Assert.Empty(await TakeAsync(10));
    }

    [Fact]
    public async Task Only_content_of_the_item_in_work_can_be_left_out()
    {
        _cursor.Add(new ContentItem(0, 100));
        _cursor.Add(new ContentItem(1, 100));
        await TakeAsync(10);
        Assert.Null(_cursor.Skip(91)); // its trailer is sent always
        Assert.Equal(0, _cursor.Skip(90)?.Index);
        Assert.Equal(100, Assert.Single(await TakeAsync(Trailer.Length)).Position);
        Assert.Equal(1, Assert.Single(await TakeAsync(1)).Item.Index);
    }

    [Fact]
    public async Task Data_of_unknown_length_fills_chunks_until_its_end_is_told()
    {
        _cursor.Add(new ContentItem(0, -1));
        _cursor.Complete();
        Assert.Equal([(0, 50), (50, 7)], new[] { Assert.Single(await TakeAsync(50)), Assert.Single(await TakeAsync(7)) }.Select(s => ((int)s.Position, s.Length)));
        Assert.Null(_cursor.Skip(1));
        Assert.False(_cursor.IsAtEnd);
        _cursor.EndOpenEnded();
        Assert.True(_cursor.IsAtEnd);
    }

    [Fact]
    public async Task Pieces_of_plans_count_until_their_item_is_taken()
    {
        var plan = new FilePlan();
        plan.Add(PieceKind.Send, 10);
        plan.Add(PieceKind.Keep, 1000);
        plan.Add(PieceKind.Send, 5);
        _cursor.Add(new ContentItem(0, 1015, plan));
        Assert.Equal(3, _cursor.PendingPieces);
        await TakeAsync(15);
        Assert.Equal(3, _cursor.PendingPieces);
        await TakeAsync(Trailer.Length);
        Assert.Equal(0, _cursor.PendingPieces);
    }

    private Task<List<ContentSegment>> TakeAsync(int length) => _cursor.TakeAsync(length, TestContext.Current.CancellationToken).AsTask();
}
