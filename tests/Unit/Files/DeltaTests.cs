using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

public sealed class DeltaTests : IDisposable
{
    private static readonly byte[] Key = Enumerable.Range(0, BlockDigest.KeyLength).Select(i => (byte)i).ToArray();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Random_edits_are_rebuilt_exactly_from_partial_existing_file_and_what_is_sent()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            byte[] old = Bytes(random.Next(1, 3_000_000), seed);
            byte[] source = Edit(old, random);
            byte[] partial = random.Next(3) == 0 ? [] : Damage(source[..random.Next(source.Length + 1)], random);
            bool hasExisting = random.Next(4) != 0;

            (FilePlan plan, byte[] prefix) = await PlanAsync(source, partial.Length == 0 ? null : partial, hasExisting ? old : null);

            Assert.Equal(source, Rebuild(plan, source, partial, old));
            if (plan.Pieces is [{ Kind: PieceKind.Keep } first, ..])
                Assert.Equal(SHA256.HashData(source.AsSpan(0, (int)first.Length)), prefix);
        }
    }

    [Fact]
    public async Task An_overwritten_mebibyte_in_the_middle_travels_with_little_else()
    {
        byte[] old = Bytes(32 << 20, 1), source = (byte[])old.Clone();
        Bytes(1 << 20, 2).CopyTo(source, 15 << 20);
        Assert.InRange((await PlanAsync(source, null, old)).Plan.SendLength, 1 << 20, (1 << 20) + (1 << 19));
        Assert.InRange(List(source).Count * 20, 1, 16 * 1024);
    }

    [Fact]
    public async Task Bytes_inserted_at_the_front_move_the_rest_and_send_next_to_nothing()
    {
        byte[] old = Bytes(32 << 20, 1);
        byte[] source = [.. Bytes(1024, 3), .. old];
        FilePlan plan = (await PlanAsync(source, null, old)).Plan;
        Assert.InRange(plan.SendLength, 1024, source.Length / 100);
        Assert.InRange(plan.Pieces.Count(p => p.Kind == PieceKind.Copy), 1, 2);
    }

    [Fact]
    public async Task A_partial_that_is_a_beginning_of_the_file_is_kept_to_the_last_block_that_it_holds()
    {
        byte[] source = Bytes(5_000_000, 4);
        FilePlan plan = (await PlanAsync(source, source[..3_333_333], null)).Plan;
        Assert.Equal([PieceKind.Keep, PieceKind.Send], plan.Pieces.Select(p => p.Kind));
        Assert.InRange(plan.Pieces[0].Length, 3_333_333 - BlockParameters.For(source.Length).Longest, 3_333_333);
    }

    [Fact]
    public async Task A_partial_longer_than_the_file_is_kept_where_it_is_equal()
    {
        byte[] longer = Bytes(5_000_000, 4);
        FilePlan plan = (await PlanAsync(longer[..1_000_000], longer, null)).Plan;
        Assert.Equal([new FilePiece(PieceKind.Keep, 0, 0, 1_000_000)], plan.Pieces);
    }

    [Fact]
    public async Task Equal_content_is_found_to_be_the_existing_file()
    {
        byte[] bytes = Bytes(3_000_000, 5);
        Assert.True((await PlanAsync(bytes, null, bytes)).Plan.IsExisting(bytes.Length));
        byte[] other = (byte[])bytes.Clone();
        other[2_999_999] ^= 1;
        Assert.False((await PlanAsync(other, null, bytes)).Plan.IsExisting(bytes.Length));
        Assert.False((await PlanAsync(bytes, null, [.. bytes, 0])).Plan.IsExisting(bytes.Length + 1));
    }

    [Fact]
    public async Task Content_that_repeats_itself_is_still_one_long_copy()
    {
        byte[] zeros = new byte[20 << 20];
        Assert.Equal([new FilePiece(PieceKind.Copy, 0, 0, zeros.Length)], (await PlanAsync(zeros, null, zeros)).Plan.Pieces);
    }

    [Fact]
    public void Blocks_do_not_depend_on_how_the_bytes_come()
    {
        byte[] bytes = Bytes(3_000_000, 6);
        foreach (int log2 in new[] { 16, 18, 20 })
        {
            var random = new Random(log2);
            string[] all = Enumerable.Range(0, 4).Select(way =>
            {
                var blocks = new List<string>();
                using var splitter = new BlockSplitter(new BlockParameters(log2), Key, bytes.Length, (length, digest) => blocks.Add($"{length}:{digest}"));
                for (int at = 0; at < bytes.Length;)
                {
                    int count = Math.Min(bytes.Length - at, way == 0 ? bytes.Length : random.Next(1, way == 1 ? 100_000 : way == 2 ? 70_000 : 5000));
                    splitter.Append(bytes.AsSpan(at, count));
                    at += count;
                }

                splitter.Complete();
                return string.Join(' ', blocks);
            }).ToArray();
            Assert.Single(all.Distinct());
        }
    }

    [Fact]
    public void Blocks_keep_their_limits_tend_to_their_size_and_none_is_short_enough_to_be_guessed()
    {
        byte[] bytes = Bytes(32 << 20, 7);
        BlockParameters parameters = BlockParameters.For(bytes.Length);
        List<(int Length, UInt128 Digest)> list = List(bytes);
        Assert.All(list, block => Assert.InRange(block.Length, parameters.Least, parameters.Longest));
        Assert.InRange((double)bytes.Length / list.Count / parameters.Size, 0.7, 1.4);

        for (int length = (int)BlockParameters.LeastLength; length < 300_000; length += 4999)
        {
            Assert.All(List(bytes[..length]), block => Assert.True(block.Length >= 16 << 10));
            Assert.Equal(length, List(bytes[..length]).Sum(block => block.Length));
            Assert.All(List(new byte[length]), block => Assert.True(block.Length >= 16 << 10));
        }
    }

    [Fact]
    public void A_digest_is_the_beginning_of_the_sha256_of_key_and_block()
    {
        byte[] bytes = Bytes(200_000, 3);
        byte[] hash = SHA256.HashData([.. Key, .. bytes]);
        using var digest = new BlockDigest(Key);
        for (int i = 0; i < 2; i++)
        {
            digest.Append(bytes.AsSpan(0, 70_000));
            digest.Append(bytes.AsSpan(70_000));
            Assert.Equal(BinaryPrimitives.ReadUInt128BigEndian(hash), digest.Finish());
        }
    }

    [Theory]
    [InlineData(1L << 16, 1)]
    [InlineData(1L << 30, 32 << 10)]
    [InlineData(1L << 40, 300_000)]
    [InlineData(1L << 44, 300_000)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void A_list_is_bounded_whatever_the_size_of_the_file(long length, long blocks)
        => Assert.InRange(length / BlockParameters.For(length).Size, 0, Math.Max(blocks, 4));

    [Fact]
    public void A_plan_merges_what_is_adjacent()
    {
        var plan = new FilePlan();
        plan.Add(PieceKind.Keep, 10);
        plan.Add(PieceKind.Keep, 10);
        plan.Add(PieceKind.Copy, 5, from: 100);
        plan.Add(PieceKind.Copy, 5, from: 105);
        plan.Add(PieceKind.Copy, 5, from: 7);
        plan.Add(PieceKind.Send, 1);
        plan.Add(PieceKind.Send, 0);
        plan.Complete(40);
        Assert.Equal(
            [new(PieceKind.Keep, 0, 0, 20), new(PieceKind.Copy, 20, 100, 10), new(PieceKind.Copy, 30, 7, 5), new FilePiece(PieceKind.Send, 35, 35, 5)],
            plan.Pieces);
        Assert.Equal(5, plan.SendLength);
    }

    [Fact]
    public void Reading_the_existing_file_reports_progress_can_be_cancelled_and_ends_where_the_file_does()
    {
        byte[] bytes = Bytes(9_000_000, 10);
        using SafeFileHandle file = Write("f", bytes);
        BlockParameters parameters = BlockParameters.For(bytes.Length);
        var seen = new List<long>();
        BlockIndex.Of(file, bytes.Length, parameters, Key, null, seen.Add, CancellationToken.None);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(bytes.Length, seen[^1]);

        seen.Clear();
        BlockIndex.Of(file, long.MaxValue, parameters, Key, null, seen.Add, CancellationToken.None);
        Assert.Equal(bytes.Length, seen[^1]);

        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => BlockIndex.Of(file, bytes.Length, parameters, Key, null, _ => cancel.Cancel(), cancel.Token));
    }

    [Fact]
    public void An_error_while_reading_reaches_the_caller_as_it_is()
    {
        using var splitter = new BlockSplitter(BlockParameters.For(10 << 20), Key, 10 << 20, (_, _) => { });
        Assert.Throws<FileNotFoundException>(() => FileScan.Run(
            (offset, buffer) => offset < 4 << 20 ? buffer.Length : throw new FileNotFoundException(),
            10 << 20,
            [splitter],
            null,
            CancellationToken.None));
    }

    /// <summary>What a sender lists.</summary>
    private static List<(int Length, UInt128 Digest)> List(byte[] bytes)
    {
        List<(int Length, UInt128 Digest)> list = [];
        using var splitter = new BlockSplitter(BlockParameters.For(bytes.Length), Key, bytes.Length, (length, digest) => list.Add((length, digest)));
        splitter.Append(bytes);
        splitter.Complete();
        return list;
    }

    /// <summary>What a receiver makes of the list.</summary>
    private async Task<(FilePlan Plan, byte[] Prefix)> PlanAsync(byte[] source, byte[]? partial, byte[]? existing)
    {
        using IncrementalHash prefix = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using PartialBlocks? partialBlocks = partial is null ? null : new PartialBlocks(Write("partial", partial), partial.Length, Key, prefix);
        BlockIndex? index = null;
        if (existing is not null)
        {
            using SafeFileHandle file = Write("existing", existing);
            index = BlockIndex.Of(file, existing.Length, BlockParameters.For(source.Length), Key, null, null, CancellationToken.None);
        }

        var matcher = new BlockMatcher(partialBlocks, index);
        foreach ((int length, UInt128 digest) in List(source))
            matcher.Take(length, digest);
        if (partialBlocks is not null)
            await partialBlocks.CompletePrefixAsync();
        return (matcher.Plan, prefix.GetCurrentHash());
    }

    private SafeFileHandle Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return File.OpenHandle(_folder[name]);
    }

    private static byte[] Rebuild(FilePlan plan, byte[] source, byte[] partial, byte[] old)
    {
        byte[] result = new byte[source.Length];
        foreach (FilePiece piece in plan.Pieces)
        {
            byte[] from = piece.Kind switch { PieceKind.Keep => partial, PieceKind.Copy => old, _ => source };
            from.AsSpan((int)piece.From, (int)piece.Length).CopyTo(result.AsSpan((int)piece.Offset));
        }

        return result;
    }

    private static byte[] Edit(byte[] old, Random random)
    {
        var bytes = new List<byte>(old);
        for (int edits = random.Next(0, 6); edits > 0; edits--)
        {
            int at = random.Next(bytes.Count + 1), count = random.Next(1, 50_000);
            switch (random.Next(4))
            {
                case 0:
                    bytes.InsertRange(at, Bytes(count, random.Next()));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(count, bytes.Count - at));
                    break;
                case 2:
                    byte[] piece = bytes.GetRange(at, Math.Min(count, bytes.Count - at)).ToArray();
                    bytes.InsertRange(random.Next(bytes.Count + 1), piece);
                    break;
                default:
                    for (int i = at; i < Math.Min(at + count, bytes.Count); i++)
                        bytes[i] ^= 0x5A;
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        for (int i = random.Next(3); i > 0 && bytes.Length > 0; i--)
            bytes[random.Next(bytes.Length)] ^= 1;
        return bytes;
    }

    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
