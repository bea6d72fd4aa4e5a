using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>The parameters that Send-P2PFile and Receive-P2PFile share.</summary>
public abstract class TransferCommand : RelayClientCommand
{
    /// <summary>Relays, tried in order.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RelayCompleter))]
    [ValidateNotNullOrEmpty]
    public Uri[]? Relay { get; set; }

    /// <summary>Relays besides the first that also get the token.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RelayCompleter))]
    [ValidateNotNullOrEmpty]
    public Uri[]? TokenRelay { get; set; }

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

    /// <summary>Accepts a code with fewer than 30 bits of secret.</summary>
    [Parameter]
    public SwitchParameter AllowWeakCode { get; set; }

    /// <summary>Shows four words and asks whether the other side shows the same.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Whether file content is encrypted; Off must be set on both sides.</summary>
    [Parameter]
    public P2PEncryption? Encryption { get; set; }

    /// <summary>Whether the two sides connect directly, past the relay.</summary>
    [Parameter]
    public P2PDirect? Direct { get; set; }

    /// <summary>TCP port of this machine for direct connections; 0 takes any.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxDirectPort)]
    public int? DirectPort { get; set; }

    /// <summary>Whether the two sides find each other on one network, without the address of a relay.</summary>
    [Parameter]
    public P2PDiscovery? Discovery { get; set; }

    /// <summary>Runs a relay in this process at these addresses.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Listen { get; set; }

    /// <summary>Time in seconds to wait for the other side; 0 waits without limit. 3600 by default.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxWait)]
    public int? WaitTimeoutSeconds { get; set; }

    /// <summary>Time in seconds to try to reconnect after a lost connection; 300 by default.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxWait)]
    public int? RetryTimeoutSeconds { get; set; }

    /// <summary>Time in seconds without data from the other side after which a connection counts as lost; 30 by default.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinSilenceTimeout, OptionLimits.MaxSilenceTimeout)]
    public int? SilenceTimeoutSeconds { get; set; }

    /// <summary>Writes one more object at the end: that of the whole transfer.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Listen is { Length: > 0 } && Relay is { Length: > 0 })
            throw Invalid("-Listen is for a relay in this process, and -Relay names another relay.", null, "Use one of them.");
        Relay = FindRelays(Relay, usesUsual: Listen is null);
        Code ??= FromFile(CodeFile, "-CodeFile");
        Code ??= Variable("P2PCOPY_CODE") is { } code ? SecretAttribute.FromText(code.Trim()) : null;
    }

    /// <summary>
    /// Handles -WhatIf, -Confirm and $ConfirmPreference and shows the files in question. With -WhatIf the offer is written to the
    /// pipeline; a declined offer is not.
    /// </summary>
    internal bool ShouldTransfer(string action, string what, P2POffer offer)
    {
        if (ShouldProcess($"Performing the operation \"{action}\" on target \"{what}\".", $"{action} {what}?{Details(offer)}", "Confirm", out ShouldProcessReason reason))
            return true;
        if (reason.HasFlag(ShouldProcessReason.WhatIf))
            WriteObject(offer);
        return false;
    }

    /// <summary>Asks whether the other side shows the same verification words.</summary>
    internal bool ConfirmWords(string words)
        => ShouldContinue($"Does the other side show the same words?{Environment.NewLine}  {words}", "Verification words");

    /// <summary>Whether -WhatIf or -Confirm wants a description of the files, which takes time.</summary>
    internal bool IsAsked()
        => IsWhatIf()
            || (Switch("Confirm") ?? GetVariableValue("ConfirmPreference") is ConfirmImpact.Medium or ConfirmImpact.Low);

    /// <summary>Whether -WhatIf is in effect.</summary>
    private protected bool IsWhatIf()
        => Switch("WhatIf") ?? GetVariableValue("WhatIfPreference") is true or SwitchParameter { IsPresent: true };

    /// <summary>The value of a common parameter; null if it was not given.</summary>
    private protected bool? Switch(string name)
        => MyInvocation.BoundParameters.TryGetValue(name, out object? given) ? given is SwitchParameter { IsPresent: true } : null;

    private static string Details(P2POffer offer)
    {
        const int Most = 5;
        IEnumerable<string> lines = offer.Entries.Take(Most).Select(entry => "  " + VisibleText.Name(entry.Name));
        long more = offer.FileCount + offer.FolderCount - Most;
        if (more > 0)
            lines = lines.Append($"  and {more} more");
        if (offer.Plan is { } plan)
            lines = lines.Concat(plan.Lines);
        if (offer.FreeSpace is { } free)
            lines = lines.Append($"  {ByteText.Size(free)} free here");
        return string.Concat(lines.Select(line => Environment.NewLine + line));
    }
}
