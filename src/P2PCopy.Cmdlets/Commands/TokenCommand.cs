using System.Management.Automation;
using System.Security;

namespace P2PCopy.Cmdlets;

/// <summary>The parameters of the cmdlets that have the token of a relay.</summary>
public abstract class TokenCommand : P2PCommand
{
    /// <summary>The bearer token of the relay.</summary>
    [Parameter]
    [Secret]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>A file whose first line is the token; a relay takes a token from each line.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenFile { get; set; }

    // Parameters and $PSDefaultParameterValues are bound already; the environment comes last.
    private protected static SecureString? TokenOfEnvironment()
        => Variable("P2PCOPY_TOKEN") is { } token ? SecretAttribute.FromText(token) : null;
}
