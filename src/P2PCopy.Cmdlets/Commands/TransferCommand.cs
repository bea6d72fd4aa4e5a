using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Running;

namespace P2PCopy.Cmdlets;

/// <summary>What Send-P2PFile and Receive-P2PFile share.</summary>
public abstract class TransferCommand : RelayClientCommand
{
    /// <summary>Relays to dial, tried in order.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RelayCompleter))]
    [ValidateNotNullOrEmpty]
    public Uri[]? Relay { get; set; }

    /// <summary>The shared code, as text or SecureString.</summary>
    [Parameter]
    [Secret]
    [ArgumentCompleter(typeof(CodeCompleter))]
    [ValidateNotNull]
    public SecureString? Code { get; set; }

    /// <summary>A file whose first line is the code, such as a mounted secret.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CodeFile { get; set; }

    /// <summary>Whether file content is encrypted; Off must be set on both sides.</summary>
    [Parameter]
    public P2PEncryption Encryption { get; set; } = P2PEncryption.On;

    /// <summary>Seconds to wait for the other side; 0 waits for ever.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int WaitTimeoutSeconds { get; set; } = 3600;

    /// <summary>Seconds to go on trying after a lost connection.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int RetryTimeoutSeconds { get; set; } = 300;

    /// <summary>Seconds without a sign of the other side until a connection counts as lost.</summary>
    [Parameter]
    [ValidateRange(5, 3600)]
    public int SilenceTimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Relay ??= RelaysOfEnvironment();
        Code ??= FromFile(CodeFile, "-CodeFile");
        Code ??= Variable("P2PCOPY_CODE") is { } code ? SecretAttribute.FromText(code.Trim()) : null;
        foreach (Uri address in Relay ?? [])
            CheckRelay(address);
    }

    /// <summary>
    /// What -WhatIf, -Confirm and $ConfirmPreference ask for, with all that one has to know to answer. An offer that was only to
    /// be seen is written; one that was refused is not.
    /// </summary>
    internal bool ShouldTransfer(string action, string what, P2POffer offer)
    {
        if (ShouldProcess($"Performing the operation \"{action}\" on target \"{what}\".", $"{action} {what}?{FirstNames(offer)}", "Confirm", out ShouldProcessReason reason))
            return true;
        if (reason.HasFlag(ShouldProcessReason.WhatIf))
            WriteObject(offer);
        return false;
    }

    /// <summary>Whether nothing is to be done but to be shown.</summary>
    private protected bool IsWhatIf()
        => Switch("WhatIf") ?? GetVariableValue("WhatIfPreference") is true or SwitchParameter { IsPresent: true };

    /// <summary>A common parameter; null when it was not given.</summary>
    private protected bool? Switch(string name)
        => MyInvocation.BoundParameters.TryGetValue(name, out object? given) ? given is SwitchParameter { IsPresent: true } : null;

    private static string FirstNames(P2POffer offer)
    {
        const int Most = 5;
        IEnumerable<string> lines = offer.Names.Take(Most).Select(DisplayName.Of);
        long more = offer.FileCount + offer.FolderCount - Most;
        return string.Concat((more > 0 ? lines.Append($"and {more} more") : lines).Select(line => Environment.NewLine + "  " + line));
    }
}
