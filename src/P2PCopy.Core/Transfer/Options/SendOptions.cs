using P2PCopy.Files.Source;

namespace P2PCopy;

/// <summary>The options of a sender; <see cref="TransferOptions"/> has those of both sides.</summary>
public sealed record SendOptions : TransferOptions
{
    /// <summary>Files and folders, literal names, relative to the process's current directory unless absolute.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>
    /// The folder that destination names are relative to; without it every item gets its own last name.
    /// </summary>
    public string? BasePath { get; init; }

    /// <summary>Patterns of names to send (<c>*.log</c>, <c>src/**</c>); empty sends all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of names to leave out; they override <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>How to treat symbolic links.</summary>
    public LinkPolicy Links { get; init; } = LinkPolicy.Skip;

    /// <summary>Data that is read to its end and sent as one file with the name <see cref="Name"/>.</summary>
    public Stream? InputStream { get; init; }

    /// <summary>The destination name of <see cref="InputStream"/>.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Name of this side, for the receiver's log and its <see cref="ReceiveOptions.FolderPerSender"/>; at most 255
    /// characters. The name of the machine by default; empty sends none. Only the receiver sees it.
    /// </summary>
    public string SenderName { get; init; } = Environment.MachineName;

    /// <summary>Whether chunks are compressed.</summary>
    public PayloadCompression Compression { get; init; } = PayloadCompression.Auto;

    /// <summary>The codec to use; by default the best that both sides have.</summary>
    public CompressionCodec? CompressionCodec { get; init; }

    /// <summary>Bytes in a chunk; 524288 to 4194304.</summary>
    public int ChunkSize { get; init; } = 1 << 20;

    /// <summary>Whether files are verified by their SHA-256. <see cref="HashMode.Off"/> needs encryption on.</summary>
    public HashMode Hash { get; init; } = HashMode.On;

    /// <summary>Parallel connections, 1 to 16; 0 lets the engine choose.</summary>
    public int Connections { get; init; }

    /// <summary>Bandwidth limit, bytes per second; 0 is without a limit.</summary>
    public long BandwidthLimit { get; init; }

    /// <summary>What the scan looks for.</summary>
    internal SourceSelection Selection => new()
    {
        Paths = Paths,
        BasePath = BasePath,
        Include = Include,
        Exclude = Exclude,
        Links = Links,
    };
}

/// <summary>Whether chunks are compressed.</summary>
public enum PayloadCompression
{
    /// <summary>Chunks that become smaller are compressed.</summary>
    Auto,

    /// <summary>Every chunk is compressed, and the result is used if it is smaller.</summary>
    On,

    /// <summary>No chunk is compressed.</summary>
    Off,
}

/// <summary>Whether the content of each file is verified by its SHA-256.</summary>
public enum HashMode
{
    /// <summary>Content is verified.</summary>
    On,

    /// <summary>Content is not verified; only the encryption authenticates each record.</summary>
    Off,
}
