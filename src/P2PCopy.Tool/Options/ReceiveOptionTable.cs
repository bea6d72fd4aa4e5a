using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>What only a receiver has: names and defaults are those of <see cref="ReceiveOptions"/>.</summary>
internal sealed class ReceiveOptionTable
{
    private static readonly ReceiveOptions Defaults = new();

    public Argument<string?> DestinationArgument { get; } = new("destination")
    {
        Description = "Folder to write into; made if missing [default: .]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<string?> Destination { get; } = Define.Text("--destination", "folder", "The same as an option");

    public Option<bool> Continuous { get; } = Define.Flag("--continuous",
        "After a transfer wait for the next, until stopped; the code needs 40 bits of secret (p2pcopy code --words 4)");

    public Option<bool> FolderPerSender { get; } = Define.Flag("--folder-per-sender",
        "Write into a folder of the destination that is named after what the sender calls itself");

    public Option<int> DrainTimeout { get; } = Define.Seconds("--drain-timeout", Defaults.DrainTimeoutSeconds, 0, 86400,
        "With --continuous, when stopped: how long a running transfer may take to end");

    public Option<int> StallTimeout { get; } = Define.Seconds("--stall-timeout", Defaults.StallTimeoutSeconds, 0, int.MaxValue,
        "End a transfer whose sender is connected but makes no progress for this long; 0 for no limit");

    public Option<ConflictPolicy?> OnConflict { get; } = Define.OptionalChoice<ConflictPolicy>("--on-conflict",
        "What to do with a file that exists [default: update; rename with --continuous]");

    public Option<bool> Checksum { get; } = Define.Flag("--checksum", "Compare content instead of size and time");

    public Option<bool?> WholeFile { get; } = new("--whole-file")
    {
        Description = "Never tell the sender about blocks that are here already [default: true with --continuous, otherwise false]",
        HelpName = "true|false",
    };

    public Option<int> ModifyWindow { get; } = Define.Seconds("--modify-window", Defaults.ModifyWindowSeconds, 0, 86400,
        "By how much two times may differ and still count as equal");

    public Option<bool> Fsync { get; } = Define.Flag("--fsync", "Write through to the disk before a file is confirmed");

    public Option<bool> DiscardPartial { get; } = Define.Flag("--discard-partial", "Delete partial files instead of keeping them for a later run");

    public Option<long?> MaxFiles { get; } = Define.Count("--max-files", "Limit for the number of files, folders and links");

    public Option<long?> MaxSize { get; } = Define.Size("--max-size", "size", "a size such as 500MiB or 10G", 0, long.MaxValue, "Limit for the bytes of all files together");

    public Option<bool> Stdout { get; } = Define.Flag("--stdout", "Write the one file or stream to standard output instead of a folder");

    public Option<bool> ForceTerminal { get; } = Define.Flag("--force-terminal", "With --stdout: write the content even if standard output is a terminal");

    public Option<string?> Sha256List { get; } = Define.Text("--sha256-list", "file", "Write a list for sha256sum -c");

    public void AddTo(Command command)
    {
        command.Arguments.Add(DestinationArgument);
        command.Options.Add(Destination);
        command.Options.Add(Continuous);
        command.Options.Add(FolderPerSender);
        command.Options.Add(DrainTimeout);
        command.Options.Add(StallTimeout);
        command.Options.Add(OnConflict);
        command.Options.Add(Checksum);
        command.Options.Add(WholeFile);
        command.Options.Add(ModifyWindow);
        command.Options.Add(Fsync);
        command.Options.Add(DiscardPartial);
        command.Options.Add(MaxFiles);
        command.Options.Add(MaxSize);
        command.Options.Add(Stdout);
        command.Options.Add(ForceTerminal);
        command.Options.Add(Sha256List);
        command.Validators.Add(result =>
        {
            if (result.GetResult(DestinationArgument) is { Tokens.Count: > 0 } && result.GetResult(Destination) is not null)
                result.AddError("Give the destination once: as an argument or with --destination.");
            if (result.GetValue(Stdout) && (result.GetValue(DestinationArgument) ?? result.GetValue(Destination)) is not null)
                result.AddError("--stdout writes no file: leave the destination out.");
            if (result.GetValue(ForceTerminal) && !result.GetValue(Stdout))
                result.AddError("--force-terminal is for --stdout.");
            if (result.GetValue(Continuous) && (result.GetValue(Stdout) || result.GetValue(Sha256List) is not null))
                result.AddError("--stdout and --sha256-list are for one transfer, not for --continuous.");
        });
    }

    /// <summary>The options with everything of this table but the output stream.</summary>
    public ReceiveOptions Apply(ReceiveOptions options, ParseResult result)
        => options with
        {
            Destination = result.GetValue(DestinationArgument) ?? result.GetValue(Destination) ?? Defaults.Destination,
            FolderPerSender = result.GetValue(FolderPerSender),
            DrainTimeoutSeconds = result.GetValue(DrainTimeout),
            StallTimeoutSeconds = result.GetValue(StallTimeout),
            OnConflict = result.GetValue(OnConflict),
            Checksum = result.GetValue(Checksum),
            WholeFile = result.GetValue(WholeFile),
            ModifyWindowSeconds = result.GetValue(ModifyWindow),
            Fsync = result.GetValue(Fsync),
            DiscardPartial = result.GetValue(DiscardPartial),
            MaxFiles = result.GetValue(MaxFiles),
            MaxSize = result.GetValue(MaxSize),
        };
}
