using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Transfer.Options;

/// <summary>The options of a sender.</summary>
internal static class SendOptionList
{
    public static IReadOnlyList<OptionDefinitionOf<SendOptions>> All { get; } =
    [
        new FaceOption<SendOptions>(nameof(SendOptions.Paths), "Files and folders to send; - sends standard input under --name", OptionForm.List)
        { Faces = OptionFaces.All, ToolName = "path", CmdletName = "Path" },
        new TextOption<SendOptions, string>(
            nameof(SendOptions.BasePath), "Names at the destination are relative to this folder", "a folder",
            text => text, o => o.BasePath, (o, v) => o with { BasePath = v })
        { ValueName = "folder", DefaultNote = "each item under its own name" },
        new ListOption<SendOptions, string>(
            nameof(SendOptions.Include), "Send only matching names (*.log, src/**)", "a pattern",
            text => text, o => o.Include, (o, v) => o with { Include = v })
        { ShortToolName = "-i", ValueName = "glob" },
        new ListOption<SendOptions, string>(
            nameof(SendOptions.Exclude), "Leave out matching names", "a pattern",
            text => text, o => o.Exclude, (o, v) => o with { Exclude = v })
        { ShortToolName = "-x", ValueName = "glob" },
        new ChoiceOption<SendOptions, LinkPolicy>(
            nameof(SendOptions.Links), "How to treat symbolic links", o => o.Links, (o, v) => o with { Links = v }),
        new TextOption<SendOptions, string>(
            nameof(SendOptions.Name), "Destination name of standard input (send - --name x)", "a name",
            text => text, o => o.Name, (o, v) => o with { Name = v })
        { ValueName = "name" },
        new TextOption<SendOptions, string>(
            nameof(SendOptions.SenderName), "Name of this side that the receiver sees; empty sends none", $"at most {OptionLimits.MaxSenderName} characters",
            text => text, o => o.SenderName, (o, v) => o with { SenderName = v! }, name => name.Length <= OptionLimits.MaxSenderName)
        { ValueName = "name", DefaultNote = "name of this machine" },
        new ChoiceOption<SendOptions, PayloadCompression>(
            nameof(SendOptions.Compression), "Whether chunks are compressed", o => o.Compression, (o, v) => o with { Compression = v })
        { Group = OptionGroup.Transfer },
        new ChoiceOption<SendOptions, CompressionCodec>(
            nameof(SendOptions.CompressionCodec), "Compression codec", o => o.CompressionCodec, (o, v) => o with { CompressionCodec = v })
        { Group = OptionGroup.Transfer, DefaultNote = "the best that both sides have" },
        new NumberOption<SendOptions>(
            nameof(SendOptions.ChunkSize), "Chunk size, 512KiB to 4MiB", NumberKind.Size, (OptionLimits.MinChunkSize, OptionLimits.MaxChunkSize),
            o => o.ChunkSize, (o, v) => o with { ChunkSize = (int)v! })
        { Group = OptionGroup.Transfer },
        new ChoiceOption<SendOptions, HashMode>(
            nameof(SendOptions.Hash), "Whether each file is verified by its SHA-256", o => o.Hash, (o, v) => o with { Hash = v })
        { Group = OptionGroup.Transfer },
        new NumberOption<SendOptions>(
            nameof(SendOptions.Connections), "Parallel connections, 1 to 16", NumberKind.Count, (0, OptionLimits.MaxConnectionCount),
            o => o.Connections, (o, v) => o with { Connections = (int)v! })
        { Group = OptionGroup.Transfer, CmdletName = "ConnectionCount", OldToolName = "--streams", ZeroWord = "auto", ValueName = "1-16|auto" },
        new NumberOption<SendOptions>(
            nameof(SendOptions.BandwidthLimit), "Bandwidth limit, bytes per second (50MB, 10MiB, 50Mbit); 0 is without a limit", NumberKind.Rate, (0, OptionLimits.MaxRate),
            o => o.BandwidthLimit, (o, v) => o with { BandwidthLimit = (long)v! })
        { Group = OptionGroup.Transfer, ShortToolName = "-b" },
    ];
}
