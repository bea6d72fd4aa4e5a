using System.Security.Cryptography;
using P2PCopy.Files.Delta;

namespace P2PCopy.Tests.Unit.Files;

public sealed class DeltaTests : IDisposable
{
    private static readonly byte[] Key = Enumerable.Range(0, BlockDigest.KeyLength).Select(i => (byte)i).ToArray();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Random_edits_are_rebuilt_exactly_from_partial_existing_file_and_what_travels()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            byte[] old = Bytes(random.Next(1, 3_000_000), seed);
            byte[] source = Edit(old, random);
            byte[] partial = random.Next(3) == 0 ? [] : Damage(source[..random.Next(source.Length + 1)], random);

            BlockList? partialList = partial.Length == 0 ? null : OverTheWire(List(partial, BlockRule.Fixed, source.Length));
            BlockList? existingList = random.Next(4) == 0 ? null : OverTheWire(List(old, BlockRule.ContentDefined, source.Length));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            RebuildPlan plan = Match(source, partialList, existingList, hash);

            Assert.Null(plan.Objection(source.Length, partial.Length, existingList is null ? 0 : old.Length));
            Assert.Equal(source, Rebuild(plan, source, partial, old));
            if (partialList is not null || existingList is not null) Assert.Equal(SHA256.HashData(source), hash.GetCurrentHash());
        }
    }

    [Fact]
    public void An_overwritten_mebibyte_in_the_middle_travels_with_little_else()
    {
        byte[] old = Bytes(32 << 20, 1), source = (byte[])old.Clone();
        Bytes(1 << 20, 2).CopyTo(source, 15 << 20);
        BlockList list = List(old, BlockRule.ContentDefined, source.Length);
        Assert.InRange(Match(source, null, list).SendBytes, 1 << 20, (1 << 20) + (1 << 19));
        Assert.InRange(list.Encode().Length, 1, 64 * 1024);
    }

    [Fact]
    public void Bytes_inserted_at_the_front_move_the_rest_and_send_next_to_nothing()
    {
        byte[] old = Bytes(32 << 20, 1);
        byte[] source = [.. Bytes(1024, 3), .. old];
        RebuildPlan plan = Match(source, null, List(old, BlockRule.ContentDefined, source.Length));
        Assert.InRange(plan.SendBytes, 1024, source.Length / 100);
        Assert.InRange(plan.Copy.Count, 1, 2);
    }

    [Fact]
    public void A_partial_that_is_a_beginning_of_the_file_is_kept_to_its_last_byte()
    {
        byte[] source = Bytes(5_000_000, 4);
        RebuildPlan plan = Match(source, List(source[..3_333_333], BlockRule.Fixed, source.Length), null);
        Assert.Equal([new FileRange(0, 3_333_333)], plan.Keep);
        Assert.Equal([new FileRange(3_333_333, source.Length - 3_333_333)], plan.Send);
    }

    [Fact]
    public void A_partial_longer_than_the_file_is_kept_where_it_is_equal()
    {
        byte[] longer = Bytes(5_000_000, 4);
        byte[] source = longer[..1_000_000];
        RebuildPlan plan = Match(source, List(longer, BlockRule.Fixed, longer.Length), null);
        Assert.Null(plan.Objection(source.Length, longer.Length, 0));
        Assert.InRange(plan.SendBytes, 0, 65536);
    }

    [Fact]
    public void Equal_content_is_found_to_be_the_existing_file()
    {
        byte[] bytes = Bytes(3_000_000, 5);
        Assert.True(Match(bytes, null, List(bytes, BlockRule.ContentDefined, bytes.Length)).IsExisting(bytes.Length, bytes.Length));
        byte[] other = (byte[])bytes.Clone();
        other[2_999_999] ^= 1;
        Assert.False(Match(other, null, List(bytes, BlockRule.ContentDefined, bytes.Length)).IsExisting(bytes.Length, bytes.Length));
    }

    [Fact]
    public void Content_that_repeats_itself_is_still_one_long_copy()
    {
        byte[] zeros = new byte[20 << 20];
        RebuildPlan plan = Match(zeros, null, List(zeros, BlockRule.ContentDefined, zeros.Length));
        Assert.Equal([new CopyRange(0, 0, zeros.Length)], plan.Copy);
    }

    [Theory]
    [InlineData("Fixed")]
    [InlineData("ContentDefined")]
    public void Blocks_do_not_depend_on_how_the_bytes_come(string rule)
    {
        byte[] bytes = Bytes(3_000_000, 6);
        foreach (int log2 in new[] { 14, 16, 18, 20 })
        {
            var parameters = new BlockParameters(Enum.Parse<BlockRule>(rule), log2);
            var random = new Random(log2);
            string[] all = Enumerable.Range(0, 4).Select(way =>
            {
                var blocks = new List<string>();
                using var splitter = new BlockSplitter(parameters, Key, (length, digest) => blocks.Add($"{length}:{digest}"));
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
    public void Content_defined_blocks_keep_their_limits_and_tend_to_their_size()
    {
        byte[] bytes = Bytes(32 << 20, 7);
        BlockList list = List(bytes, BlockRule.ContentDefined, bytes.Length);
        for (int i = 0; i < list.Count - 1; i++) Assert.InRange(list.LengthOf(i), list.Parameters.Least, list.Parameters.Most);
        Assert.InRange((double)bytes.Length / list.Count / list.Parameters.Size, 0.7, 1.4);
    }

    [Fact]
    public void A_digest_depends_on_every_bit_and_on_the_key()
    {
        foreach (int length in new[] { 1, 100, 65536, 65537, 200_000, 262_144 })
        {
            byte[] bytes = Bytes(length, length);
            UInt128 digest = Digest(bytes, Key);
            var random = new Random(length);
            for (int i = 0; i < 20; i++)
            {
                byte[] changed = (byte[])bytes.Clone();
                changed[random.Next(length)] ^= (byte)(1 << random.Next(8));
                Assert.NotEqual(digest, Digest(changed, Key));
            }

            byte[] otherKey = (byte[])Key.Clone();
            otherKey[0] ^= 1;
            Assert.NotEqual(digest, Digest(bytes, otherKey));
        }
    }

    [Theory]
    [InlineData(1L << 16, 1)]
    [InlineData(1L << 30, 32 << 10)]
    [InlineData(1L << 40, 300_000)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void A_list_is_bounded_whatever_the_size_of_the_file(long length, long blocks)
    {
        foreach (BlockRule rule in Enum.GetValues<BlockRule>())
        {
            BlockParameters parameters = BlockParameters.For(rule, length);
            Assert.True(parameters.IsValid);
            Assert.InRange(length / parameters.Size, 0, Math.Max(blocks, 4));
        }
    }

    [Fact]
    public void What_a_peer_encodes_is_refused_unless_it_is_a_list()
    {
        byte[] good = List(Bytes(1_000_000, 8), BlockRule.ContentDefined, 1_000_000).Encode();
        Assert.Equal(good, BlockList.Decode(good).Encode());
        var random = new Random(9);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bad = random.Next(3) == 0 ? good[..random.Next(good.Length)] : (byte[])good.Clone();
            for (int j = 0; j < 2 && bad.Length > 0; j++) bad[random.Next(Math.Min(bad.Length, random.Next(2) == 0 ? 14 : bad.Length))] = (byte)random.Next(256);
            try
            {
                BlockList list = BlockList.Decode(bad);
                Assert.Equal(list.Length, Enumerable.Range(0, list.Count).Sum(block => (long)list.LengthOf(block)));
                Assert.True(list.Parameters.IsValid);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void A_plan_of_a_peer_must_cover_the_file_from_what_there_is()
    {
        FileRange[] none = [];
        Assert.Null(new RebuildPlan([new(0, 10)], [new(10, 5, 10)], [new(20, 5)]).Objection(25, 10, 15));
        Assert.NotNull(new RebuildPlan([new(0, 11)], [], [new(11, 14)]).Objection(25, 10, 15));
        Assert.NotNull(new RebuildPlan(none, [new(0, 6, 10)], [new(10, 15)]).Objection(25, 0, 15));
        Assert.NotNull(new RebuildPlan(none, [new(0, -1, 10)], [new(10, 15)]).Objection(25, 0, 15));
        Assert.NotNull(new RebuildPlan(none, [], [new(0, 24)]).Objection(25, 0, 0));
        Assert.NotNull(new RebuildPlan(none, [], [new(0, 26)]).Objection(25, 0, 0));
        Assert.NotNull(new RebuildPlan(none, [], [new(0, 0), new(0, 25)]).Objection(25, 0, 0));
        Assert.NotNull(new RebuildPlan(none, [new(0, long.MaxValue, 25)], []).Objection(25, 0, 100));
        Assert.NotNull(new RebuildPlan(none, [new(0, 0, long.MaxValue)], []).Objection(25, 0, long.MaxValue));
        Assert.NotNull(new RebuildPlan(none, [], [new(0, 25), new(30, 1)]).Objection(25, 0, 0));
        Assert.Null(new RebuildPlan(none, [], none).Objection(0, 0, 0));
    }

    [Fact]
    public void Hashing_a_file_shares_one_pass_with_its_sha256_reports_progress_and_can_be_cancelled()
    {
        byte[] bytes = Bytes(9_000_000, 10);
        File.WriteAllBytes(_folder["f"], bytes);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(_folder["f"]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var parameters = BlockParameters.For(BlockRule.ContentDefined, bytes.Length);
        var seen = new List<long>();
        BlockList list = BlockHasher.Hash(file, bytes.Length, parameters, Key, hash, seen.Add, CancellationToken.None);
        Assert.Equal(SHA256.HashData(bytes), hash.GetHashAndReset());
        Assert.Equal(List(bytes, BlockRule.ContentDefined, bytes.Length).Encode(), list.Encode());
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(bytes.Length, seen[^1]);

        // A file that is shorter by now gives a shorter list.
        Assert.Equal(bytes.Length, BlockHasher.Hash(file, long.MaxValue, parameters, Key, null, null, CancellationToken.None).Length);

        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => BlockHasher.Hash(file, bytes.Length, parameters, Key, null, _ => cancel.Cancel(), cancel.Token));
    }

    [Fact]
    public void An_error_while_reading_reaches_the_caller_as_it_is()
        => Assert.Throws<FileNotFoundException>(() => BlockMatcher.Match(
            (offset, buffer) => offset < 4 << 20 ? buffer.Length : throw new FileNotFoundException(),
            10 << 20,
            null,
            List(Bytes(100_000, 1), BlockRule.ContentDefined, 10 << 20),
            Key,
            null,
            null,
            CancellationToken.None));

    private static BlockList List(byte[] bytes, BlockRule rule, long otherLength)
    {
        BlockList list = BlockList.Empty(BlockParameters.For(rule, Math.Max(bytes.Length, otherLength)));
        using var splitter = new BlockSplitter(list.Parameters, Key, list.Add);
        splitter.Append(bytes);
        splitter.Complete();
        return list;
    }

    private static BlockList OverTheWire(BlockList list) => BlockList.Decode(list.Encode());

    private static RebuildPlan Match(byte[] source, BlockList? partial, BlockList? existing, IncrementalHash? hash = null)
        => BlockMatcher.Match(
            (offset, buffer) =>
            {
                int count = (int)Math.Min(buffer.Length, source.Length - offset);
                source.AsSpan((int)offset, count).CopyTo(buffer);
                return count;
            },
            source.Length,
            partial,
            existing,
            Key,
            hash,
            null,
            CancellationToken.None);

    private static byte[] Rebuild(RebuildPlan plan, byte[] source, byte[] partial, byte[] old)
    {
        byte[] result = new byte[source.Length];
        foreach (FileRange range in plan.Keep) partial.AsSpan((int)range.Offset, (int)range.Length).CopyTo(result.AsSpan((int)range.Offset));
        foreach (CopyRange range in plan.Copy) old.AsSpan((int)range.From, (int)range.Length).CopyTo(result.AsSpan((int)range.To));
        foreach (FileRange range in plan.Send) source.AsSpan((int)range.Offset, (int)range.Length).CopyTo(result.AsSpan((int)range.Offset));
        return result;
    }

    private static UInt128 Digest(byte[] bytes, byte[] key)
    {
        using var digest = new BlockDigest(key);
        return digest.Finish(bytes);
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
                    for (int i = at; i < Math.Min(at + count, bytes.Count); i++) bytes[i] ^= 0x5A;
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        for (int i = random.Next(3); i > 0 && bytes.Length > 0; i--) bytes[random.Next(bytes.Length)] ^= 1;
        return bytes;
    }

    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
