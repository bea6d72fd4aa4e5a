using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Messages;

namespace P2PCopy.Benchmarks;

/// <summary>Sealing and opening a chunk of 1 MiB, against the passes over it that nobody can save.</summary>
[MemoryDiagnoser]
public class Records
{
    private readonly byte[] _record = new byte[1 << 20];
    private readonly byte[] _message = new byte[(1 << 20) + RecordFormat.Overhead];
    private readonly RecordSealer _sealer = new(Keys());

    [GlobalSetup]
    public void Prepare()
    {
        RandomNumberGenerator.Fill(_record);
        _record[0] = (byte)RecordType.Chunk;
    }

    [Benchmark]
    public int Seal() => _sealer.SealFrom(_record, _message);

    [Benchmark]
    public int SealAndOpen()
    {
        // A link of its own: an opener takes only what its sealer has just made.
        using var sealer = new RecordSealer(Keys());
        using var opener = new RecordOpener(Keys(), plainChunks: false);
        return opener.Open(_message.AsSpan(0, sealer.SealFrom(_record, _message)));
    }

    [Benchmark]
    public int MarkPlain() => _sealer.MarkPlain(_message.AsSpan(0, PlainChunk()), _record.Length);

    [Benchmark(Baseline = true)]
    public int Sha256() => SHA256.HashData(_record, _message);

    private static RecordKeys Keys() => new(new byte[32], LinkPurpose.Pair, PeerRole.Send, 0, new byte[16], new byte[16]);

    private int PlainChunk()
    {
        _message[RecordFormat.PrefixLength] = (byte)RecordType.Chunk;
        return _message.Length;
    }
}
