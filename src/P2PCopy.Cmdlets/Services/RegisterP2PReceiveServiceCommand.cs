using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>Registers a standing receiver as a service of this machine and starts it.</summary>
[Cmdlet(VerbsLifecycle.Register, "P2PReceiveService", SupportsShouldProcess = true)]
[OutputType(typeof(P2PService))]
public sealed class RegisterP2PReceiveServiceCommand : RegisterServiceCommand
{
    internal const string CmdletName = "Register-P2PReceiveService";
    internal const string DefaultName = "p2pcopy-dropbox";

    private const int DrainSeconds = 30;
    private const int StopSeconds = DrainSeconds + 15;

    // A failed file is a line of the log. An error of the receiver ends the script, and the service starts it again.
    private const string Pipeline =
        """
        Receive-P2PFile @arguments -ErrorAction Continue 2>&1 | ForEach-Object {
            $line = if ($_ -is [System.Management.Automation.ErrorRecord]) { @{ ErrorId = $_.FullyQualifiedErrorId; Message = "$_" } } else { $_ }
            $line = [ordered]@{ Time = [DateTime]::UtcNow.ToString('o'); Result = $line } | ConvertTo-Json -Compress -Depth 4 -EnumsAsStrings
            Add-Content -LiteralPath (Join-Path $log 'receive.log') -Value $line
        }
        """;

    /// <summary>The name of the service.</summary>
    [Parameter]
    [ValidatePattern(RegisterP2PRelayServiceCommand.NamePattern)]
    public string Name { get; set; } = DefaultName;

    /// <summary>The folder to write to.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Relays, tried in order.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(RelayCompleter))]
    [ValidateNotNullOrEmpty]
    public Uri[] Relay { get; set; } = [];

    /// <summary>A file with the code that only administrators and the service can read.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string CodeFile { get; set; } = string.Empty;

    /// <summary>A file with the token of the relay that only administrators and the service can read.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenFile { get; set; }

    /// <summary>Writes to a folder with the name of the sender.</summary>
    [Parameter]
    public SwitchParameter FolderPerSender { get; set; }

    private protected override Type Cmdlet => typeof(ReceiveP2PFileCommand);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string destination = new PathResolver(this).Option(Destination, "-Destination")!;
        CheckRelays(Relay);
        if (OperatingSystem.IsLinux() && Account is null && Services.SystemdService.OwnFolder("/var/lib/", destination) is null)
            throw Invalid($"-Destination '{Destination}' needs -Account with an account that can write there.", Destination, $"Use -Account, or a folder such as /var/lib/{Name}.");

        Register(Define(
            Name, "P2PCopy drop box", Pipeline,
            [
                ("Destination", destination), ("Relay", Relay), ("Continuous", true), ("DrainTimeoutSeconds", DrainSeconds),
                ("FolderPerSender", FolderPerSender ? true : null),
            ]) with
        {
            Secrets = [.. Secret(CodeFile, "CodeFile", "code"), .. Secret(TokenFile, "TokenFile", "token")],
            Destination = destination,
            StopSeconds = StopSeconds,
        });
    }
}
