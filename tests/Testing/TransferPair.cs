using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Testing;

/// <summary>A sender and a receiver in one process, over a relay in memory, with everything they said.</summary>
internal sealed class TransferPair : IDisposable
{
    public const string Code = "route1-correct-horse-battery";

    public TemporaryFolder Folder { get; } = new();

    public MemoryRelay Relay { get; } = new();

    public string Source => Directory.CreateDirectory(Folder["source"]).FullName;

    public string Destination => Folder["destination"];

    /// <summary>Bytes of partial files at the destination.</summary>
    public long PartialLength => Directory.Exists(Destination)
        ? new DirectoryInfo(Destination).EnumerateFiles("*.p2ppart", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }).Sum(f => f.Length)
        : 0;

    public List<TransferEvent> SenderEvents { get; } = [];

    public List<TransferEvent> ReceiverEvents { get; } = [];

    /// <summary>What both sides were told of files that failed.</summary>
    public IEnumerable<FileReport> Failures => SenderEvents.Concat(ReceiverEvents)
        .OfType<TransferEvent.FileCompleted>().Select(e => e.File).Where(f => f.Status == FileStatus.Failed);

    public SendOptions Send => new()
    {
        Paths = [Source],
        Code = PairingCode.Parse(Code),
        Connector = Relay,
        RetryTimeout = TimeSpan.FromSeconds(20),
        OnEvent = SenderEvents.Add,
    };

    public ReceiveOptions Receive => new()
    {
        Destination = Destination,
        Code = PairingCode.Parse(Code),
        Connector = Relay,
        RetryTimeout = TimeSpan.FromSeconds(20),
        OnEvent = ReceiverEvents.Add,
    };

    /// <summary>Makes a file below the folder, and the folders above it.</summary>
    public string Write(string name, byte[] content)
    {
        string path = Folder[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>One large file to send.</summary>
    /// <returns>Its content.</returns>
    public byte[] WriteBig(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        Write("source/big.bin", content);
        return content;
    }

    /// <summary>Runs both to their ends; an exception counts as an end.</summary>
    public static async Task<(Outcome Sender, Outcome Receiver)> RunAsync(SendOptions send, ReceiveOptions receive)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(send, cancellationToken: cancellationToken));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: cancellationToken));
        return (await sender, await receiver);
    }

    public Task<(Outcome Sender, Outcome Receiver)> RunAsync() => RunAsync(Send, Receive);

    /// <summary>Every file, folder and link below a folder, with what is compared.</summary>
    public static SortedDictionary<string, string> Describe(string root)
    {
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (FileSystemInfo info in new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            string name = System.IO.Path.GetRelativePath(root, info.FullName);
            found[name] = info switch
            {
                { LinkTarget: { } target } => $"link {target}",
                FileInfo file => $"file {file.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName)))} {Mode(file)} {file.LastWriteTimeUtc:O}",
                _ => $"folder {Mode(info)} {info.LastWriteTimeUtc:O}",
            };
        }

        return found;
    }

    public void Dispose() => Folder.Dispose();

    private static string Mode(FileSystemInfo info) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)info.UnixFileMode, 8);
}

/// <summary>How one side ended.</summary>
internal sealed record Outcome(TransferReport? Report, Exception? Exception)
{
    /// <summary>What ended it, thrown or reported; null when all went well or only files failed.</summary>
    public P2PErrorCode? Error => (Exception as P2PException ?? Report?.Error)?.Code;

    public bool Succeeded => Report is { Succeeded: true };

    /// <summary>Waits for the end, a minute unless told otherwise.</summary>
    public static async Task<Outcome> OfAsync(Task<TransferReport> transfer, int seconds = 60)
    {
        try
        {
            return new Outcome(await transfer.WaitAsync(TimeSpan.FromSeconds(seconds)), null);
        }
        catch (Exception e) when (e is P2PException or OperationCanceledException)
        {
            return new Outcome(null, e);
        }
    }
}
