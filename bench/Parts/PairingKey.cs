using BenchmarkDotNet.Attributes;
using P2PCopy.Session.Crypto;

namespace P2PCopy.Benchmarks;

/// <summary>CPace: one side of an agreement on a key.</summary>
[MemoryDiagnoser]
public class PairingKey
{
    private readonly byte[] _peer = CPace.Start([1, 2, 3, 4], [5], [6]).Share;

    [Benchmark]
    public byte[] Start()
    {
        using CPace run = CPace.Start([1, 2, 3, 4], [5], [6]);
        return run.Share;
    }

    [Benchmark]
    public byte[] StartAndFinish()
    {
        using CPace run = CPace.Start([1, 2, 3, 4], [5], [6]);
        run.TryFinish(_peer, [], [], initiator: true, out byte[] key);
        return key;
    }
}
