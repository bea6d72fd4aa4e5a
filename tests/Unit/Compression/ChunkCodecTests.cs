using P2PCopy.Compression;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Unit.Compression;

public sealed class ChunkCodecTests
{
    public static TheoryData<string> Names => new("libzstd", "ZstdSharp", "gzip");

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_is_compressed_comes_back(string name)
    {
        IChunkCodec codec = Codec(name);
        var random = new Random(5);
        for (int i = 0; i < 120; i++)
        {
            int length = i < 10 ? i + 1 : random.Next(1, 300_000);
            byte[] source = random.Next(3) == 0 ? Corpus.Random(length, i) : Corpus.Text(length, i);
            byte[] packed = new byte[length + (length / 4) + 1024];
            int size = codec.TryCompress(source, packed, codec.Levels[random.Next(codec.Levels.Count)].Level);
            Assert.InRange(size, 1, packed.Length);
            byte[] raw = new byte[length];
            codec.Decompress(packed.AsSpan(0, size), raw);
            Assert.Equal(source, raw);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_does_not_fit_is_refused_and_nothing_is_written_beyond_the_destination(string name)
    {
        IChunkCodec codec = Codec(name);
        byte[] source = Corpus.Random(200_000);
        byte[] room = new byte[source.Length + 100];
        Array.Fill(room, (byte)0xA5, source.Length - 1000, 1100);
        Assert.Equal(-1, codec.TryCompress(source, room.AsSpan(0, source.Length - 1000), codec.Levels[0].Level));
        Assert.All(room[(source.Length - 1000)..], b => Assert.Equal(0xA5, b));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bomb_ends_at_the_stated_length(string name)
    {
        IChunkCodec codec = Codec(name);
        byte[] bomb = new byte[64 * 1024];
        int size = codec.TryCompress(new byte[32 << 20], bomb, codec.Levels[^1].Level);
        Assert.InRange(size, 1, bomb.Length);

        byte[] room = new byte[4096 + 100];
        Array.Fill(room, (byte)0xA5);
        Assert.Throws<InvalidDataException>(() => codec.Decompress(bomb.AsSpan(0, size), room.AsSpan(0, 4096)));
        Assert.All(room[4096..], b => Assert.Equal(0xA5, b));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_chunk_that_is_shorter_than_stated_is_refused(string name)
    {
        IChunkCodec codec = Codec(name);
        byte[] packed = new byte[10_000];
        int size = codec.TryCompress(Corpus.Text(5000), packed, codec.Levels[0].Level);
        Assert.Throws<InvalidDataException>(() => codec.Decompress(packed.AsSpan(0, size), new byte[5001]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_and_cut_chunks_never_do_worse_than_fail(string name)
    {
        IChunkCodec codec = Codec(name);
        byte[] source = Corpus.Text(20_000);
        byte[] packed = new byte[30_000];
        int size = codec.TryCompress(source, packed, codec.Levels[0].Level);
        var random = new Random(6);
        byte[] room = new byte[20_100];
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = packed[..(random.Next(4) == 0 ? random.Next(size) : size)];
            for (int j = random.Next(1, 4); j > 0 && damaged.Length > 0; j--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            room.AsSpan(20_000).Fill(0xA5);
            try
            {
                codec.Decompress(damaged, room.AsSpan(0, 20_000));
            }
            catch (InvalidDataException)
            {
            }

            Assert.False(room.AsSpan(20_000).ContainsAnyExcept((byte)0xA5));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Many_threads_may_use_one_codec(string name)
    {
        IChunkCodec codec = Codec(name);
        Parallel.For(0, 64, i =>
        {
            byte[] source = Corpus.Text(50_000, i), packed = new byte[60_000], raw = new byte[50_000];
            int size = codec.TryCompress(source, packed, codec.Levels[i % codec.Levels.Count].Level);
            codec.Decompress(packed.AsSpan(0, size), raw);
            Assert.Equal(source, raw);
        });
    }

    /// <summary>The other side is not known yet, so this is told before the wait for it.</summary>
    [Fact]
    public void A_requested_codec_that_this_side_lacks_is_refused_with_the_options()
    {
        P2PException refused = Assert.Throws<P2PException>(() => OptionCheck.Codec(CompressionCodec.Zstd, [new GzipCodec()]));
        Assert.Equal(P2PErrorCode.InvalidOption, refused.Code);
        OptionCheck.Codec(CompressionCodec.Gzip, [new GzipCodec()]);
        OptionCheck.Codec(null, [new GzipCodec()]);
    }

    [Fact]
    public void The_common_codec_is_the_best_that_the_peer_names_too()
    {
        Assert.Equal(CodecId.Gzip, ChunkCodecs.Common(["gzip"])!.Id);
        Assert.Same(ChunkCodecs.Available[0], ChunkCodecs.Common(["other", "gzip", "zstd"]));
        Assert.Null(ChunkCodecs.Common(["other"]));
        Assert.Null(ChunkCodecs.Find(CodecId.Raw));
        Assert.Equal("gzip", ChunkCodecs.Find(CodecId.Gzip)!.Name);
    }

    private static IChunkCodec Codec(string name)
    {
        IChunkCodec? codec = name switch
        {
            "libzstd" => NativeZstd.TryCreate(),
            "ZstdSharp" => ManagedZstd.TryCreate(),
            _ => new GzipCodec(),
        };
        Assert.SkipWhen(codec is null && name == "libzstd", "This machine has no libzstd.");
        return codec!;
    }
}
