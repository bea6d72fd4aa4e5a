using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using P2PCopy.Compression;

namespace P2PCopy.Tests.Unit.Compression;

public sealed class AdaptiveCompressionTests
{
    private const int Chunk = 1 << 20;

    [Fact]
    public void Alternating_text_and_random_get_each_what_is_right_for_it()
    {
        var adaptive = new AdaptiveCompression(ChunkCodecs.Available[0], workers: 2);
        adaptive.ReportSent(10_000_000, TimeSpan.FromSeconds(1));
        int wrong = 0;
        for (int chunk = 0; chunk < 256; chunk++)
        {
            bool isText = chunk / 8 % 2 == 0;
            byte[] bytes = isText ? Corpus.Text(Chunk, chunk) : Corpus.Random(Chunk, chunk);
            CompressionDecision decision = adaptive.Decide(bytes, startsFile: chunk == 0);
            if (decision.Compress != isText)
                wrong++;
            if (decision.Compress)
                adaptive.ReportCompressed(decision.Level, Chunk, isText ? Chunk / 4 : -1, TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_chunk_that_is_part_text_is_compressed()
    {
        var adaptive = Slow();
        byte[] bytes = Corpus.Random(Chunk);
        Corpus.Text(Chunk / 4).CopyTo(bytes, Chunk / 2);
        Assert.True(adaptive.Decide(bytes, false).Compress);
    }

    [Fact]
    public void Data_that_looks_random_but_repeats_is_found_out()
    {
        var adaptive = Slow();
        byte[] bytes = new byte[Chunk];
        byte[] block = Corpus.Random(16 * 1024);
        for (int at = 0; at < Chunk; at += block.Length)
            block.CopyTo(bytes, at);
        int compressed = Enumerable.Range(0, 64).Count(_ => adaptive.Decide(bytes, false).Compress);
        Assert.True(compressed >= 48, $"{compressed} of 64 were compressed");
    }

    [Fact]
    public void A_file_that_says_it_is_compressed_is_believed_where_the_sample_is_in_doubt()
    {
        // 7.3 bits a byte: a compressed format with some structure in it.
        var random = new Random(7);
        byte[] bytes = new byte[Chunk];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)random.Next(170);
        Assert.True(Slow().Decide(bytes, startsFile: true).Compress);
        "PK\x03\x04"u8.CopyTo(bytes);
        Assert.False(Slow().Decide(bytes, startsFile: true).Compress);
        Assert.True(Slow().Decide(bytes, startsFile: false).Compress);
    }

    [Fact]
    public void A_signature_on_text_deceives_nobody()
    {
        byte[] bytes = Corpus.Text(Chunk);
        "BZh9"u8.CopyTo(bytes);
        Assert.True(Slow().Decide(bytes, startsFile: true).Compress);
    }

    [Fact]
    public void A_link_faster_than_the_codec_gets_raw_chunks_and_a_slow_one_a_higher_level()
    {
        byte[] text = Corpus.Text(Chunk);
        IChunkCodec codec = ChunkCodecs.Available[0];
        int[] levels = new[] { 5e9, 150e6, 20e6, 1e6 }.Select(link =>
        {
            var adaptive = new AdaptiveCompression(codec, workers: 1);
            for (int i = 0; i < 30; i++)
                adaptive.ReportSent((long)link, TimeSpan.FromSeconds(1));
            CompressionDecision decision = adaptive.Decide(text, false);
            return decision.Compress ? Enumerable.Range(0, codec.Levels.Count).Single(i => codec.Levels[i].Level == decision.Level) : -1;
        }).ToArray();
        Assert.Equal(-1, levels[0]);
        Assert.InRange(levels[1], 0, 1);
        Assert.True(levels[2] > levels[1], string.Join(' ', levels));
        Assert.True(levels[3] >= levels[2], string.Join(' ', levels));
    }

    [Fact]
    public void A_slow_link_whose_buffers_take_much_at_once_does_not_pass_for_a_fast_one()
    {
        byte[] text = Corpus.Text(Chunk);
        IChunkCodec codec = ChunkCodecs.Available[0];
        var adaptive = new AdaptiveCompression(codec, workers: 2);
        for (int window = 0; window < 20; window++)
        {
            for (int i = 0; i < 24; i++)
            {
                CompressionDecision decision = adaptive.Decide(text, false);
                Assert.True(decision.Compress, $"chunk {i} of window {window} was left raw");
                adaptive.ReportCompressed(decision.Level, Chunk, Chunk / 5, TimeSpan.FromMilliseconds(3));
                adaptive.ReportSent(Chunk / 5, TimeSpan.FromMicroseconds(100));
            }

            for (int i = 0; i < 24; i++)
                adaptive.ReportDelivered(12_500_000, TimeSpan.FromSeconds(1));
        }

        Assert.NotEqual(codec.Levels[0].Level, adaptive.Decide(text, false).Level);
    }

    [Fact]
    public void More_workers_make_compressing_worth_it_on_a_faster_link()
    {
        byte[] text = Corpus.Text(Chunk);
        bool Compresses(int workers)
        {
            var adaptive = new AdaptiveCompression(ChunkCodecs.Available[0], workers);
            for (int i = 0; i < 30; i++)
                adaptive.ReportSent(1_000_000_000, TimeSpan.FromSeconds(1));
            return adaptive.Decide(text, false).Compress;
        }

        Assert.False(Compresses(1));
        Assert.True(Compresses(16));
    }

    [Fact]
    public void A_codec_that_turns_out_slow_is_given_up_and_a_link_that_becomes_slow_brings_it_back()
    {
        byte[] text = Corpus.Text(Chunk);
        var adaptive = new AdaptiveCompression(ChunkCodecs.Available[0], workers: 1);
        for (int i = 0; i < 60; i++)
        {
            adaptive.ReportSent(80_000_000, TimeSpan.FromSeconds(1));
            if (adaptive.Decide(text, false) is { Compress: true } decision)
            {
                adaptive.ReportCompressed(decision.Level, Chunk, Chunk / 3, TimeSpan.FromMilliseconds(100));
            }
        }

        Assert.False(adaptive.Decide(text, false).Compress);
        for (int i = 0; i < 60; i++)
            adaptive.ReportSent(1_000_000, TimeSpan.FromSeconds(1));
        Assert.True(adaptive.Decide(text, false).Compress);
    }

    [Fact]
    public void Any_measurements_lead_to_a_level_that_the_codec_has()
    {
        var random = new Random(8);
        IChunkCodec codec = ChunkCodecs.Available[0];
        byte[] text = Corpus.Text(8192), noise = Corpus.Random(8192);
        for (int run = 0; run < 200; run++)
        {
            var adaptive = new AdaptiveCompression(codec, random.Next(0, 5));
            for (int i = 0; i < 50; i++)
            {
                CompressionDecision decision = adaptive.Decide(random.Next(2) == 0 ? text : noise, random.Next(2) == 0);
                Assert.True(!decision.Compress || codec.Levels.Any(level => level.Level == decision.Level));
                adaptive.ReportCompressed(codec.Levels[random.Next(codec.Levels.Count)].Level, random.Next(0, 1 << 20), random.Next(-1, 1 << 20), TimeSpan.FromSeconds(random.NextDouble() * Math.Pow(10, random.Next(-9, 3))));
                adaptive.ReportSent(random.Next(), TimeSpan.FromSeconds(random.NextDouble() * random.Next(3)));
            }
        }
    }

    [Fact]
    public void The_sample_tells_random_from_the_rest_every_time()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            Assert.InRange(ContentSample.Entropy(Corpus.Random(ContentSample.SliceLength, seed)), 7.65, 8);
        }

        Assert.InRange(ContentSample.Entropy(Corpus.Text(ContentSample.SliceLength)), 3, 6);
        Assert.Equal(0, ContentSample.Entropy(new byte[ContentSample.SliceLength]), 6);
    }

    /// <summary>A measurement: run it alone, on a machine that does nothing else.</summary>
    [Fact(Explicit = true)]
    public void Random_chunks_cost_less_than_a_fiftieth_of_hashing_and_sealing_them()
    {
        bool optimised = typeof(AdaptiveCompression).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled != true;
        Assert.SkipUnless(optimised, "A debug build says nothing about speed; build with -c Release.");
        byte[] bytes = Corpus.Random(Chunk), sealedBytes = new byte[Chunk];
        using var aes = new AesGcm(new byte[32], 16);
        var adaptive = Slow();
        TimeSpan decide = TimeSpan.MaxValue, rest = TimeSpan.MaxValue;
        for (int round = 0; round < 30; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 20; i++)
                adaptive.Decide(bytes, false);
            decide = Min(decide, Stopwatch.GetElapsedTime(start) / 20);
            start = Stopwatch.GetTimestamp();
            SHA256.HashData(bytes);
            aes.Encrypt(new byte[12], bytes, sealedBytes, new byte[16]);
            rest = Min(rest, Stopwatch.GetElapsedTime(start));
        }

        string measured = $"decide {decide.TotalMicroseconds:f1} µs, the rest {rest.TotalMicroseconds:f0} µs";
        TestContext.Current.TestOutputHelper!.WriteLine(measured);
        Assert.True(decide < rest / 50, measured);
    }

    [Fact]
    public void A_compressor_gives_what_the_codec_can_take_back_or_says_raw()
    {
        IChunkCodec codec = ChunkCodecs.Available[0];
        byte[] text = Corpus.Text(Chunk), noise = Corpus.Random(Chunk), packed = new byte[Chunk], raw = new byte[Chunk];
        foreach (AdaptiveCompression? adaptive in new[] { Slow(), null })
        {
            var compressor = new ChunkCompressor(codec, adaptive, TimeProvider.System);
            int size = compressor.TryCompress(text, packed, startsFile: true);
            Assert.InRange(size, 1, Chunk / 2);
            codec.Decompress(packed.AsSpan(0, size), raw);
            Assert.Equal(text, raw);
            Assert.Equal(-1, compressor.TryCompress(noise, packed, startsFile: true));
            Assert.Equal(-1, compressor.TryCompress(text.AsSpan(0, 10), packed, startsFile: true));
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static AdaptiveCompression Slow()
    {
        var adaptive = new AdaptiveCompression(ChunkCodecs.Available[0], workers: 2);
        for (int i = 0; i < 30; i++)
            adaptive.ReportSent(10_000_000, TimeSpan.FromSeconds(1));
        return adaptive;
    }
}
