using BenchmarkDotNet.Attributes;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Benchmarks;

/// <summary>A page of 4,000 offered files to a control record and back.</summary>
[MemoryDiagnoser]
public class Pages
{
    private readonly OfferPage _page = new()
    {
        Round = 0,
        Page = 0,
        Last = true,
        Entries = [.. Enumerable.Range(0, 4000).Select(i => new OfferedEntry { Name = $"results/folder{i / 100:000}/file{i:00000}.dat", Length = i * 37, Modified = 17_000_000_000_000_000L + (i * 1000L), Mode = 0x1A4 })],
    };

    private byte[] _record = [];

    [GlobalSetup]
    public void Prepare() => _record = Encode();

    [Benchmark]
    public byte[] Encode() => ControlEnvelope.Encode(0, ControlJson.Encode(_page));

    [Benchmark]
    public object Decode() => ControlJson.Decode(ControlEnvelope.Decode(_record.AsSpan(1)).Message);
}
