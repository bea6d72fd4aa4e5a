namespace P2PCopy.Bench.Transfers;

/// <summary>
/// Bytes allocated for each MiB moved, by sender, receiver and relay together, in one process: what a long transfer adds
/// to a short one, so that the start does not count.
/// </summary>
internal static class Allocations
{
    public const string Name = "allocations";
    public const string Title = "bytes allocated for each MiB moved, in one process";

    public static async Task RunAsync(Workspace workspace)
    {
        Console.WriteLine($"### {Name}: {Title}\n");
        foreach (DataSet data in (DataSet[])[DataSet.Random, DataSet.Text])
        {
            string source = workspace.SourceOf(data);
            string part = Path.Combine(workspace.NewFolder(), "part");
            long whole = new FileInfo(source).Length;
            long quarter = whole / 4;
            await CopyPartAsync(source, part, quarter);
            await MeasureAsync(part, workspace);
            long less = await MeasureAsync(part, workspace);
            long more = await MeasureAsync(source, workspace);
            Console.WriteLine($"- {data.Name}: {(more - less) / 1024.0 / ((whole - quarter) / 1048576.0):0.0} KiB for each MiB beyond the first {quarter >> 20} MiB, which took {less >> 10} KiB");
            File.Delete(part);
        }

        Console.WriteLine();
    }

    private static async Task CopyPartAsync(string source, string part, long length)
    {
        await using FileStream from = File.OpenRead(source);
        await using FileStream to = File.Create(part);
        byte[] piece = new byte[1 << 20];
        for (long done = 0; done < length; done += piece.Length)
        {
            await from.ReadExactlyAsync(piece);
            await to.WriteAsync(piece);
        }
    }

    private static async Task<long> MeasureAsync(string source, Workspace workspace)
    {
        string folder = workspace.NewFolder();
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, CancellationToken.None);
        var address = new Uri($"ws://127.0.0.1:{relay.Addresses[0].Port}");
        const string Code = "bench1-correct-horse-battery";
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await Task.WhenAll(
            P2PTransfer.SendAsync(new SendOptions { Paths = [source], Relays = [address], Code = PairingCode.Parse(Code) }),
            P2PTransfer.ReceiveAsync(new ReceiveOptions { Destination = folder, Relays = [address], Code = PairingCode.Parse(Code) }));
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}
