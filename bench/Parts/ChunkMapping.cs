using BenchmarkDotNet.Attributes;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Benchmarks;

/// <summary>Finding out which bytes of which files a chunk holds: 10,000 files of 8 KiB, and one of 1 GiB.</summary>
[MemoryDiagnoser]
public class ChunkMapping
{
    private const int ChunkSize = 1 << 20;

    [Benchmark]
    public Task<int> TenThousandSmallFiles() => WalkAsync(10_000, 8 << 10);

    [Benchmark]
    public Task<int> OneLargeFile() => WalkAsync(1, 1 << 30);

    private static async Task<int> WalkAsync(int files, long length)
    {
        var cursor = new ContentCursor();
        for (int i = 0; i < files; i++)
            cursor.Add(new ContentItem(i, length, null));
        cursor.Complete();
        int segments = 0;
        while (await cursor.TakeAsync(ChunkSize, CancellationToken.None).ConfigureAwait(false) is { Count: > 0 } chunk)
            segments += chunk.Count;
        return segments;
    }
}
