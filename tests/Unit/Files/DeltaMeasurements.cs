using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>The figures of docs/delta.md. Takes minutes and 12 GiB, so it runs only when asked for.</summary>
public sealed class DeltaMeasurements : IDisposable
{
    private const int Piece = 1 << 20;
    private static readonly byte[] Key = new byte[BlockDigest.KeyLength];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public void Content_defined_blocks_are_faster_than_a_rolling_sum()
    {
        byte[] bytes = new byte[256 << 20];
        new Random(1).NextBytes(bytes);
        double contentDefined = Rate(bytes, () => Split(bytes));
        double sha256 = Rate(bytes, () => SHA256.HashData(bytes));
        double rolling = Rate(bytes, () => Roll(bytes));
        Say($"MB/s: blocks {contentDefined:f0}, SHA-256 {sha256:f0}, rolling {rolling:f0}");
        Assert.True(contentDefined > rolling);
    }

    [Fact(Explicit = true)]
    public async Task Little_travels_for_a_gibibyte_with_an_edit()
    {
        string old = Write("old", 1024);
        string middle = _folder["middle"], front = _folder["front"];
        File.Copy(old, middle);
        using (FileStream file = File.OpenWrite(middle))
        {
            file.Position = 512L << 20;
            file.Write(RandomNumberGenerator.GetBytes(Piece));
        }

        using (FileStream file = File.Create(front), source = File.OpenRead(old))
        {
            file.Write(RandomNumberGenerator.GetBytes(1024));
            source.CopyTo(file);
        }

        (FilePlan plan, int list, _) = await CompareAsync(old, middle, isPartial: false);
        Assert.InRange(plan.SendLength + list, 1 << 20, 3 << 20);
        (plan, list, _) = await CompareAsync(old, front, isPartial: false);
        Assert.InRange(plan.SendLength + list, 1024, 10 << 20);
    }

    [Fact(Explicit = true)]
    public async Task A_4_GiB_partial_resumes_in_the_time_of_sha256sum()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sha256sum.");
        string source = Write("source", 4096), partial = _folder["partial"];
        File.Copy(source, partial);
        using (FileStream file = File.OpenWrite(partial))
            file.SetLength(3900L << 20);

        long start = Stopwatch.GetTimestamp();
        Shell.Run("sha256sum", source, partial);
        TimeSpan reference = Stopwatch.GetElapsedTime(start);
        (FilePlan plan, _, TimeSpan elapsed) = await CompareAsync(partial, source, isPartial: true);
        Say($"sha256sum {reference.TotalSeconds:f1} s, resume {elapsed.TotalSeconds:f1} s, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
        Assert.InRange(plan.SendLength, 196L << 20, (196L << 20) + BlockParameters.For(4096L << 20).Longest);
        Assert.True(elapsed < reference * 1.5);
    }

    private static async Task<(FilePlan Plan, int List, TimeSpan Elapsed)> CompareAsync(string basis, string source, bool isPartial)
    {
        using SafeFileHandle basisFile = File.OpenHandle(basis), sourceFile = File.OpenHandle(source);
        using IncrementalHash basisHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256), sourceHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long basisLength = RandomAccess.GetLength(basisFile), length = RandomAccess.GetLength(sourceFile);
        BlockParameters parameters = BlockParameters.For(length);
        long start = Stopwatch.GetTimestamp();

        // As in a transfer: the sender lists while the receiver compares, and an existing file is read at the same time.
        var blocks = Channel.CreateUnbounded<(int Length, UInt128 Digest)>();
        Task list = Task.Run(() =>
        {
            using var splitter = new BlockSplitter(parameters, Key, length, (blockLength, digest) => blocks.Writer.TryWrite((blockLength, digest)));
            FileScan.Run((offset, buffer) => RandomAccess.Read(sourceFile, buffer, offset), length, [splitter, new WholeFileScanner(sourceHash)], null, CancellationToken.None);
            blocks.Writer.Complete();
        });
        BlockIndex? index = isPartial ? null : BlockIndex.Of(basisFile, basisLength, parameters, Key, null, null, CancellationToken.None);
        await using PartialBlocks? partial = isPartial ? new PartialBlocks(File.OpenHandle(basis), basisLength, Key, basisHash) : null;
        var matcher = new BlockMatcher(partial, index);
        int count = 0;
        await foreach ((int blockLength, UInt128 digest) in blocks.Reader.ReadAllAsync())
        {
            matcher.Take(blockLength, digest);
            count++;
        }

        if (partial is not null)
            await partial.CompletePrefixAsync();
        await list;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        int encoded = count * 20 * 4 / 3;
        Say($"{count} blocks, list {encoded} bytes, send {matcher.Plan.SendLength} bytes; {elapsed.TotalSeconds:f2} s");
        return (matcher.Plan, encoded, elapsed);
    }

    private static void Split(byte[] bytes)
    {
        using var splitter = new BlockSplitter(BlockParameters.For(1 << 30), Key, bytes.Length, (_, _) => { });
        for (int at = 0; at < bytes.Length; at += Piece)
            splitter.Append(bytes.AsSpan(at, Piece));
        splitter.Complete();
    }

    // What rsync's sender does at every byte: roll the two sums on and look whether a block with them is known.
    private static int Roll(byte[] bytes)
    {
        const int window = 1 << 16;
        var known = new HashSet<uint>();
        ulong[] maybe = new ulong[1 << 14];
        var random = new Random(2);
        for (int i = 0; i < 4096; i++)
        {
            uint sum = (uint)random.Next();
            known.Add(sum);
            uint bit = (sum * 2654435761u) >> 12;
            maybe[bit >> 6] |= 1UL << (int)(bit & 63);
        }

        uint a = 0, b = 0;
        for (int i = 0; i < window; i++)
        {
            a += bytes[i];
            b += a;
        }

        int hits = 0;
        for (int i = window; i < bytes.Length; i++)
        {
            uint leaving = bytes[i - window];
            a += bytes[i] - leaving;
            b += a - (window * leaving);
            uint sum = (a & 0xFFFF) | (b << 16), bit = (sum * 2654435761u) >> 12;
            if (((maybe[bit >> 6] >> (int)(bit & 63)) & 1) != 0 && known.Contains(sum))
                hits++;
        }

        return hits;
    }

    private static double Rate(byte[] bytes, Action work)
    {
        work();
        long start = Stopwatch.GetTimestamp();
        work();
        return bytes.Length / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private string Write(string name, int mebibytes)
    {
        byte[] piece = new byte[Piece];
        using FileStream file = File.Create(_folder[name]);
        for (int i = 0; i < mebibytes; i++)
        {
            RandomNumberGenerator.Fill(piece);
            file.Write(piece);
        }

        return file.Name;
    }
}
