using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Transfer.Options;

/// <summary>The options of a receiver.</summary>
internal static class ReceiveOptionList
{
    public static IReadOnlyList<OptionDefinitionOf<ReceiveOptions>> All { get; } =
    [
        new FaceOption<ReceiveOptions>(nameof(ReceiveOptions.Destination), "Folder to write to; created if it does not exist", OptionForm.Single)
        { Faces = OptionFaces.All, ShortToolName = "-d", ValueName = "folder", DefaultNote = "." },
        new FaceOption<ReceiveOptions>("Continuous", "Receive one transfer after another until it is stopped; the code needs 40 bits of secret (p2pcopy code --words 4)", OptionForm.Flag),
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.FolderPerSender), "Write to a folder of the destination that has the name of the sender",
            o => o.FolderPerSender, (o, v) => o with { FolderPerSender = v }),
        new DurationOption<ReceiveOptions>(
            nameof(ReceiveOptions.DrainTimeout), "With --continuous, when stopped: time for a running transfer to end", (0, OptionLimits.MaxDrainTimeout),
            o => o.DrainTimeout, (o, v) => o with { DrainTimeout = v }),
        new DurationOption<ReceiveOptions>(
            nameof(ReceiveOptions.StallTimeout), "Time without progress after which a transfer ends although the sender is connected; 0 is without a limit", (0, OptionLimits.MaxWait),
            o => o.StallTimeout, (o, v) => o with { StallTimeout = v }),
        new NumberOption<ReceiveOptions>(
            nameof(ReceiveOptions.MinRate), "Average rate in bytes per second that a sender must reach in every --stall-timeout; 0 is without a limit", NumberKind.Rate, (0, OptionLimits.MaxRate),
            o => o.MinRate, (o, v) => o with { MinRate = v })
        { DefaultNote = "1KiB with --continuous, otherwise 0" },
        new ChoiceOption<ReceiveOptions, ConflictPolicy>(
            nameof(ReceiveOptions.OnConflict), "How to treat a file that exists: update replaces it if its size or time differs, newer only if it is older here, overwrite always; skip keeps it, rename keeps both, fail fails, ask asks", o => o.OnConflict, (o, v) => o with { OnConflict = v })
        { DefaultNote = "update; rename with --continuous" },
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.Checksum), "Compare content instead of size and time", o => o.Checksum, (o, v) => o with { Checksum = v }),
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.WholeFile), "Do not compare blocks, so that the sender does not learn which blocks exist", o => o.WholeFile, (o, v) => o with { WholeFile = v })
        { ValueName = "true|false", DefaultNote = "true with --continuous, otherwise false" },
        new DurationOption<ReceiveOptions>(
            nameof(ReceiveOptions.ModifyWindow), "Treat modification times within this time as equal", (0, OptionLimits.MaxModifyWindow),
            o => o.ModifyWindow, (o, v) => o with { ModifyWindow = v }),
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.Durable), "Write files and names to the disk before the sender is told that they arrived", o => o.Durable, (o, v) => o with { Durable = v })
        { ValueName = "true|false", DefaultNote = "true with --continuous, otherwise false" },
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.PreserveMode), "Give files and folders exactly the permission bits of the sender",
            o => o.PreserveMode, (o, v) => o with { PreserveMode = v }),
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.SkipSpaceCheck), "Start even if the destination seems to have too little free space",
            o => o.SkipSpaceCheck, (o, v) => o with { SkipSpaceCheck = v }),
        new FlagOption<ReceiveOptions>(
            nameof(ReceiveOptions.DiscardPartial), "Delete partial files instead of keeping them for a later run",
            o => o.DiscardPartial, (o, v) => o with { DiscardPartial = v }),
        new NumberOption<ReceiveOptions>(
            nameof(ReceiveOptions.MaxFiles), "Limit for the number of files, folders and links", NumberKind.Count, (OptionLimits.MinCount, OptionLimits.MaxAmount),
            o => o.MaxFiles, (o, v) => o with { MaxFiles = v }),
        new NumberOption<ReceiveOptions>(
            nameof(ReceiveOptions.MaxSize), "Limit for the size of all files together, in bytes", NumberKind.Size, (0, OptionLimits.MaxAmount),
            o => o.MaxSize, (o, v) => o with { MaxSize = v }),
        new FaceOption<ReceiveOptions>("AsByteStream", "Write the one file or stream to standard output instead of a folder", OptionForm.Flag) { ToolName = "--stdout" },
        new FaceOption<ReceiveOptions>("Sha256List", "Write a list that sha256sum -c reads", OptionForm.Single) { ValueName = "file" },
    ];
}
