using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Generates a code, for a transfer that is set up on both sides in advance.</summary>
[Cmdlet(VerbsCommon.New, "P2PCode")]
[OutputType(typeof(string), typeof(SecureString))]
public sealed class NewP2PCodeCommand : PSCmdlet
{
    /// <summary>Words of secret, 10 bits each.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(OptionLimits.MinCodeWords, OptionLimits.MaxCodeWords)]
    public int Words { get; set; } = OptionLimits.MinCodeWords;

    /// <summary>Returns the code as a SecureString.</summary>
    [Parameter]
    public SwitchParameter AsSecureString { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string code = EngineLoader.Engine.NewCode(Words);
        WriteObject(AsSecureString ? SecretAttribute.FromText(code) : code);
    }
}
