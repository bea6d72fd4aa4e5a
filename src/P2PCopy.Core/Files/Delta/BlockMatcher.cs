using System.Security.Cryptography;
using P2PCopy.Files.Source;

namespace P2PCopy.Files.Delta;

/// <summary>
/// Compares a sender's file with what a receiver says it has, in one pass that also gives the whole file's SHA-256.
/// </summary>
internal static class BlockMatcher
{
    /// <summary>Finds what need not travel.</summary>
    /// <param name="read">Reads the source; throws when it has become shorter.</param>
    /// <param name="length">Bytes of the source.</param>
    /// <param name="partial">The receiver's partial, cut by <see cref="BlockRule.Fixed"/>; null if it has none.</param>
    /// <param name="existing">The receiver's existing file, cut by <see cref="BlockRule.ContentDefined"/>; null if it has none.</param>
    /// <param name="key">The session's key of block digests.</param>
    /// <param name="wholeFile">Fed in the same pass; null if nobody needs it.</param>
    /// <param name="progress">Told bytes done, on the calling thread.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static RebuildPlan Match(
        ReadAt read,
        long length,
        BlockList? partial,
        BlockList? existing,
        ReadOnlySpan<byte> key,
        IncrementalHash? wholeFile,
        Action<long>? progress,
        CancellationToken cancellationToken)
    {
        var scanners = new List<IFileScanner>();
        var keep = new List<FileRange>();
        var copy = new List<CopyRange>();
        using BlockSplitter? fixedBlocks = partial is { Count: > 0 } ? Identical(partial, keep, key) : null;
        using BlockSplitter? movedBlocks = existing is { Count: > 0 } ? Moved(existing, copy, key) : null;
        if (fixedBlocks is not null) scanners.Add(fixedBlocks);
        if (movedBlocks is not null) scanners.Add(movedBlocks);
        if (wholeFile is not null) scanners.Add(new WholeFileScanner(wholeFile));
        if (scanners.Count > 0) FileScan.Run(read, length, scanners, progress, cancellationToken);
        return Combine(length, keep, copy);
    }

    private static BlockSplitter Identical(BlockList partial, List<FileRange> keep, ReadOnlySpan<byte> key)
    {
        int block = 0;
        long at = 0;

        // The partial's last block ends where the partial does, and so must the source's.
        return new BlockSplitter(partial.Parameters, key, OnBlock, partial.Length);

        void OnBlock(int length, UInt128 digest)
        {
            if (block < partial.Count && partial.LengthOf(block) == length && partial.DigestOf(block) == digest)
            {
                if (keep.Count > 0 && keep[^1].Offset + keep[^1].Length == at) keep[^1] = keep[^1] with { Length = keep[^1].Length + length };
                else keep.Add(new FileRange(at, length));
            }

            block++;
            at += length;
        }
    }

    private static BlockSplitter Moved(BlockList existing, List<CopyRange> copy, ReadOnlySpan<byte> key)
    {
        var firstWith = new Dictionary<UInt128, int>(existing.Count);
        var starts = new long[existing.Count];
        long start = 0;
        for (int i = 0; i < existing.Count; i++)
        {
            firstWith.TryAdd(existing.DigestOf(i), i);
            starts[i] = start;
            start += existing.LengthOf(i);
        }

        int previous = -1;
        long at = 0;
        return new BlockSplitter(existing.Parameters, key, OnBlock);

        void OnBlock(int length, UInt128 digest)
        {
            // The block after the last match first: content that repeats itself is then still one long copy.
            int candidate = previous + 1 < existing.Count && existing.DigestOf(previous + 1) == digest
                ? previous + 1
                : firstWith.GetValueOrDefault(digest, -1);
            if (candidate >= 0 && existing.LengthOf(candidate) == length)
            {
                previous = candidate;
                CopyRange last = copy.Count > 0 ? copy[^1] : default;
                if (last.Length > 0 && last.To + last.Length == at && last.From + last.Length == starts[candidate])
                {
                    copy[^1] = last with { Length = last.Length + length };
                }
                else
                {
                    copy.Add(new CopyRange(at, starts[candidate], length));
                }
            }

            at += length;
        }
    }

    // What the partial has is kept, the existing file fills what it can of the rest, and what is left travels.
    private static RebuildPlan Combine(long length, List<FileRange> keep, List<CopyRange> copy)
    {
        var copied = new List<CopyRange>();
        var send = new List<FileRange>();
        int nextCopy = 0;
        long at = 0;
        foreach (FileRange kept in keep)
        {
            FillUpTo(kept.Offset);
            at = kept.Offset + kept.Length;
        }

        FillUpTo(length);
        return new RebuildPlan(keep, copied, send);

        void FillUpTo(long end)
        {
            while (at < end)
            {
                while (nextCopy < copy.Count && copy[nextCopy].To + copy[nextCopy].Length <= at) nextCopy++;
                if (nextCopy == copy.Count || copy[nextCopy].To >= end)
                {
                    send.Add(new FileRange(at, end - at));
                    at = end;
                    return;
                }

                CopyRange range = copy[nextCopy];
                if (range.To > at) send.Add(new FileRange(at, range.To - at));
                long from = Math.Max(range.To, at);
                long until = Math.Min(range.To + range.Length, end);
                copied.Add(new CopyRange(from, range.From + (from - range.To), until - from));
                at = until;
            }
        }
    }
}
