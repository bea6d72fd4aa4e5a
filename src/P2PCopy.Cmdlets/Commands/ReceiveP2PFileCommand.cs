using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;

namespace P2PCopy.Cmdlets;

/// <summary>Receives what a sender with the same code offers.</summary>
[Cmdlet(VerbsCommunications.Receive, "P2PFile", SupportsShouldProcess = true)]
[OutputType(typeof(P2PFileResult), typeof(P2POffer), typeof(byte[]))]
public sealed class ReceiveP2PFileCommand : TransferCommand
{
    /// <summary>The folder to write into; made if missing.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>After a transfer waits for the next, until stopped; the code needs 40 bits of secret.</summary>
    [Parameter]
    public SwitchParameter Continuous { get; set; }

    /// <summary>Writes into a folder that is named after what the sender calls itself.</summary>
    [Parameter]
    public SwitchParameter FolderPerSender { get; set; }

    /// <summary>With Continuous, when the engine is stopped: seconds for a running transfer to end.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int DrainTimeoutSeconds { get; set; }

    /// <summary>Seconds without progress after which a transfer ends although the sender is connected; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int StallTimeoutSeconds { get; set; } = 3600;

    /// <summary>What to do with a file that exists: Update by default, Rename with Continuous.</summary>
    [Parameter]
    public P2PConflictPolicy? OnConflict { get; set; }

    /// <summary>Compares content instead of size and time.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    /// <summary>Never tells the sender about blocks that are here already.</summary>
    [Parameter]
    public SwitchParameter WholeFile { get; set; }

    /// <summary>Seconds by which two times may differ and still count as equal.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int ModifyWindowSeconds { get; set; }

    /// <summary>Writes through to the disk before a file is confirmed.</summary>
    [Parameter]
    public SwitchParameter Fsync { get; set; }

    /// <summary>Deletes partial files at the end.</summary>
    [Parameter]
    public SwitchParameter DiscardPartial { get; set; }

    /// <summary>The most entries to accept.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? MaxFiles { get; set; }

    /// <summary>The most bytes to accept in all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AmountCompleter))]
    [ValidateRange(0, long.MaxValue)]
    public long? MaxSize { get; set; }

    /// <summary>Writes the one file or stream that is offered to the pipeline, as byte arrays.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>A file to write for sha256sum -c.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sha256List { get; set; }

    // A switch cannot be null: whether it was given at all decides.
    internal bool? WholeFileIfGiven => MyInvocation.BoundParameters.ContainsKey(nameof(WholeFile)) ? WholeFile.IsPresent : null;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Relay is not { Length: > 0 })
            throw Usage("Which relay? Give -Relay as the sender shows it, or set P2PCOPY_RELAY.", null);

        if (Continuous && (AsByteStream || Sha256List is not null))
            throw Usage("-AsByteStream and -Sha256List are for one transfer, not for -Continuous.", null);

        if (AsByteStream && MyInvocation.BoundParameters.ContainsKey(nameof(Destination)))
            throw Usage("-AsByteStream writes no file: leave -Destination out, of $PSDefaultParameterValues too.", null);

        if (Continuous && IsWhatIf())
            throw Usage("-WhatIf shows one offer; it is not for -Continuous.", null);

        Code ??= AskForCode();
        var resolver = new PathResolver(this);
        string? list = Sha256List is null ? null : resolver.Literal(Sha256List);
        if (resolver.Literal(Destination) is { } destination && (Sha256List is null || list is not null))
            EngineLoader.Engine.Receive(this, destination, list);
    }

    private System.Security.SecureString AskForCode()
    {
        try
        {
            Host.UI.Write("Code: ");
            if (Host.UI.ReadLine() is { } code && code.Trim().Length > 0)
                return SecretAttribute.FromText(code.Trim());
        }
        catch (Exception e) when (e is PSNotImplementedException or PSInvalidOperationException or NotImplementedException or InvalidOperationException or System.Management.Automation.Host.HostException)
        {
            WriteDebug("The host cannot ask: " + e.Message);
        }

        throw Usage("Which code? Give -Code, or set P2PCOPY_CODE, or run this where you can be asked.", null);
    }
}
