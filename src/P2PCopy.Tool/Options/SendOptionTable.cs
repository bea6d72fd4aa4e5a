using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>What only a sender has: names and defaults are those of <see cref="SendOptions"/>.</summary>
internal sealed class SendOptionTable
{
    private const long LargestRate = 1L << 50;
    private static readonly SendOptions Defaults = new();

    public Argument<string[]> Path { get; } = new("path")
    {
        Description = "Files and folders to send; - sends standard input under --name",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    public Option<string[]> Listen { get; } = Define.Texts("--listen", "address:port",
        "Where the relay in this process listens; may be repeated [default: every address of this machine]");

    public Option<string?> BasePath { get; } = Define.Text("--base-path", "folder",
        "Names at the destination are relative to this folder [default: each item under its own name]");

    public Option<string[]> Include { get; } = Define.Texts("--include", "glob", "Send only matching names (*.log, src/**); may be repeated");

    public Option<string[]> Exclude { get; } = Define.Texts("--exclude", "glob", "Leave out matching names; may be repeated");

    public Option<LinkPolicy> Links { get; } = Define.Choice("--links", Defaults.Links, "What to do with symbolic links");

    public Option<string?> FilesFrom { get; } = Define.Text("--files-from", "file",
        "Read more paths from a file or from - (standard input), one a line or separated by NUL");

    public Option<string?> Name { get; } = Define.Text("--name", "name", "Destination name of standard input (send - --name x)");

    public Option<string?> SenderName { get; } = Define.Text("--sender-name", "name",
        "What this side calls itself for the receiver [default: the machine's name; empty tells nothing]");

    public Option<PayloadCompression> Compression { get; } = Define.Choice("--compression", Defaults.Compression,
        "Whether chunks are compressed");

    public Option<CompressionCodec?> CompressionCodec { get; } = Define.OptionalChoice<CompressionCodec>("--compression-codec",
        "The codec [default: the best both sides have]");

    public Option<long?> ChunkSize { get; } = Define.Size("--chunk-size", "size", "512KiB to 4MiB", 512 << 10, 4 << 20,
        "Bytes in a chunk, 512KiB to 4MiB [default: 1MiB]");

    public Option<HashMode> Hash { get; } = Define.Choice("--hash", Defaults.Hash, "Whether each file is verified by its SHA-256");

    public Option<string> Streams { get; } = new("--streams")
    {
        Description = "Parallel connections, 1 to 16 [default: auto]",
        HelpName = "1-16|auto",
        DefaultValueFactory = _ => "auto",
        Validators =
        {
            result =>
            {
                string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "auto";
                if (ParseStreams(text) is null)
                    result.AddError($"--streams takes 1 to 16 or auto, not '{text}'.");
            },
        },
    };

    public Option<long?> BandwidthLimit { get; } = Define.Size("--bandwidth-limit", "rate", "a rate such as 50MB, 10MiB or 50Mbit", 1, LargestRate,
        "The most bytes a second: 50MB, 10MiB, 50Mbit");

    public void AddTo(Command command)
    {
        command.Arguments.Add(Path);
        command.Options.Add(Listen);
        command.Options.Add(BasePath);
        command.Options.Add(Include);
        command.Options.Add(Exclude);
        command.Options.Add(Links);
        command.Options.Add(FilesFrom);
        command.Options.Add(Name);
        command.Options.Add(SenderName);
        command.Options.Add(Compression);
        command.Options.Add(CompressionCodec);
        command.Options.Add(ChunkSize);
        command.Options.Add(Hash);
        command.Options.Add(Streams);
        command.Options.Add(BandwidthLimit);
    }

    /// <summary>The options with everything of this table but the paths and the stream.</summary>
    public SendOptions Apply(SendOptions options, ParseResult result)
        => options with
        {
            BasePath = result.GetValue(BasePath),
            Include = result.GetValue(Include) ?? [],
            Exclude = result.GetValue(Exclude) ?? [],
            Links = result.GetValue(Links),
            SenderName = result.GetValue(SenderName) ?? Defaults.SenderName,
            Compression = result.GetValue(Compression),
            CompressionCodec = result.GetValue(CompressionCodec),
            ChunkSize = (int)(result.GetValue(ChunkSize) ?? Defaults.ChunkSize),
            Hash = result.GetValue(Hash),
            Streams = ParseStreams(result.GetValue(Streams)!) ?? Defaults.Streams,
            BandwidthLimit = result.GetValue(BandwidthLimit) ?? Defaults.BandwidthLimit,
        };

    private static int? ParseStreams(string text)
    {
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return 0;

        return int.TryParse(text, out int streams) && streams is >= 1 and <= 16 ? streams : null;
    }
}
