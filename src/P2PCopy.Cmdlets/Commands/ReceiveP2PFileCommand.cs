using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Receives the files that a sender with the same code offers.</summary>
[Cmdlet(VerbsCommunications.Receive, "P2PFile", SupportsShouldProcess = true)]
[OutputType(typeof(P2PFileResult), typeof(P2PTransferResult), typeof(P2POffer), typeof(byte[]))]
public sealed class ReceiveP2PFileCommand : TransferCommand
{
    /// <summary>The folder to write to; created if it does not exist.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Receives one transfer after another until it is stopped; the code needs 40 bits of secret.</summary>
    [Parameter]
    public SwitchParameter Continuous { get; set; }

    /// <summary>Writes to a folder with the name of the sender.</summary>
    [Parameter]
    public SwitchParameter FolderPerSender { get; set; }

    /// <summary>With Continuous, when stopped: time in seconds for a running transfer to end.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxDrainTimeout)]
    public int? DrainTimeoutSeconds { get; set; }

    /// <summary>Time in seconds without progress after which a transfer ends although the sender is connected; 0 is without a limit. 3600 by default.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxWait)]
    public int? StallTimeoutSeconds { get; set; }

    /// <summary>Average rate in bytes per second that a sender must reach in every StallTimeoutSeconds; 0 is without a limit. 1KiB by default with Continuous, otherwise 0.</summary>
    [Parameter]
    [Amount]
    [ArgumentCompleter(typeof(AmountCompleter))]
    [ValidateRange(0, OptionLimits.MaxRate)]
    public long? MinRate { get; set; }

    /// <summary>How to treat a file that exists: Update by default, Rename with Continuous.</summary>
    [Parameter]
    public P2PConflictPolicy? OnConflict { get; set; }

    /// <summary>Compares content instead of size and time.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    /// <summary>Does not compare blocks, so the sender does not learn which blocks exist.</summary>
    [Parameter]
    public SwitchParameter WholeFile { get; set; }

    /// <summary>Modification times within this number of seconds count as equal.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxModifyWindow)]
    public int? ModifyWindowSeconds { get; set; }

    /// <summary>Writes files and names to the disk before the sender is told that they arrived.</summary>
    [Parameter]
    public SwitchParameter Durable { get; set; }

    /// <summary>Gives files and folders exactly the permission bits of the sender.</summary>
    [Parameter]
    public SwitchParameter PreserveMode { get; set; }

    /// <summary>Starts even if the destination seems to have too little free space.</summary>
    [Parameter]
    public SwitchParameter SkipSpaceCheck { get; set; }

    /// <summary>Deletes partial files at the end.</summary>
    [Parameter]
    public SwitchParameter DiscardPartial { get; set; }

    /// <summary>Limit for the number of files, folders and links.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinCount, OptionLimits.MaxAmount)]
    public long? MaxFiles { get; set; }

    /// <summary>Limit for the size of all files together, in bytes.</summary>
    [Parameter]
    [Amount]
    [ArgumentCompleter(typeof(AmountCompleter))]
    [ValidateRange(0, OptionLimits.MaxAmount)]
    public long? MaxSize { get; set; }

    /// <summary>Writes the single offered file or stream to the pipeline, as byte arrays.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>A file to write for sha256sum -c.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sha256List { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Continuous && (AsByteStream || Sha256List is not null))
            throw Invalid("-AsByteStream and -Sha256List are for one transfer, not for -Continuous.", null);

        if (DrainTimeoutSeconds is not null && !Continuous)
            throw Invalid("-DrainTimeoutSeconds is for -Continuous.", null);

        if (AsByteStream && Summary)
            throw Invalid("-AsByteStream writes the content and nothing else, so it cannot be used with -Summary.", null, "Remove -Summary.");

        if (AsByteStream && MyInvocation.BoundParameters.ContainsKey(nameof(Destination)))
            throw Invalid("-AsByteStream writes no file, so it cannot be used with -Destination.", null, "Remove -Destination, also from $PSDefaultParameterValues.");

        if (Continuous && IsWhatIf())
            throw Invalid("-WhatIf shows one offer; it cannot be used with -Continuous.", null);

        var resolver = new PathResolver(this);
        string? list = resolver.Option(Sha256List, "-Sha256List");
        string destination = resolver.Option(Destination, "-Destination")!;
        if (IsCode(destination))
        {
            Code = SecretAttribute.FromText(Destination);
            destination = resolver.Option(".", "-Destination")!;
        }

        if (EngineLoader.Engine.CheckDestination(AsByteStream ? null : destination, list) is { } problem)
            ThrowTerminatingError(problem);
        var question = new HostCodeQuestion(this);
        bool isTyped = Code is null;
        do
        {
            if (isTyped)
                Code = question.Ask() ?? throw Invalid("There is no code.", null, "Use -Code or -CodeFile, set P2PCOPY_CODE, or run the command where it can ask.");
        }
        while (!EngineLoader.Engine.Receive(this, destination, list, isTyped && question.CanRepeat));
    }

    /// <summary>Asks whether to replace a file.</summary>
    /// <param name="question">The file, and what would replace it.</param>
    /// <returns>The answer, and whether it is for all further files of this kind.</returns>
    internal (bool Replaces, bool IsForAll) ShouldReplace(string question)
    {
        bool yesToAll = false, noToAll = false;
        bool replaces = ShouldContinue(question, "Replace the file?", hasSecurityImpact: false, ref yesToAll, ref noToAll);
        return (replaces, yesToAll || noToAll);
    }

    // As `p2pcopy receive CODE`. A folder of this name, and a code of its own, show that a folder is meant.
    private bool IsCode(string destination)
        => !Given.ContainsKey(nameof(Code)) && CodeFile is null && !Directory.Exists(destination) && EngineLoader.Engine.IsCode(Destination);
}
