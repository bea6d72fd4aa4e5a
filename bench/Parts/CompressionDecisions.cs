using System.Text;
using BenchmarkDotNet.Attributes;
using P2PCopy.Compression;

namespace P2PCopy.Benchmarks;

/// <summary>What it costs to decide about a chunk of 1 MiB, and what compressing it would.</summary>
[MemoryDiagnoser]
public class CompressionDecisions
{
    private readonly byte[] _random = new byte[1 << 20];
    private readonly byte[] _text = new byte[1 << 20];
    private readonly byte[] _packed = new byte[1 << 20];
    private readonly IChunkCodec _codec = ChunkCodecs.Available[0];
    private AdaptiveCompression _slowLink = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        random.NextBytes(_random);
        for (int at = 0; at < _text.Length;)
            at += Encoding.ASCII.GetBytes($"2026-01-01 INFO request={random.Next():x8} took {random.Next(900)} ms\n".AsSpan(0, Math.Min(40, _text.Length - at)), _text.AsSpan(at));
        _slowLink = new AdaptiveCompression(_codec, 2);
        for (int i = 0; i < 50; i++)
            _slowLink.ReportSent(1 << 20, TimeSpan.FromMilliseconds(80));
    }

    [Benchmark]
    public bool DecideRandom() => _slowLink.Decide(_random, startsFile: false).Compress;

    [Benchmark]
    public bool DecideText() => _slowLink.Decide(_text, startsFile: false).Compress;

    [Benchmark]
    public int CompressText() => _codec.TryCompress(_text, _packed, _codec.Levels[0].Level);
}
