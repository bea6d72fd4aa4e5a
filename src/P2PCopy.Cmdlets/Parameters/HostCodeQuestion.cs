using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using P2PCopy.Cmdlets.Loading;

namespace P2PCopy.Cmdlets;

/// <summary>
/// Asks the user for the code, and asks again if it cannot be used or the other side used a different one: the user who typed it is
/// the one who can correct it. It asks three times.
/// </summary>
internal sealed class HostCodeQuestion(PSCmdlet cmdlet)
{
    private const int MostQuestions = 3;
    private int _asked;

    /// <summary>Whether the user typed a code and may be asked for another.</summary>
    public bool CanRepeat => _asked is > 0 and < MostQuestions;

    /// <summary>The code; null if the host cannot ask, or the user entered none.</summary>
    public SecureString? Ask()
    {
        while (Read() is { } typed)
        {
            // The engine refuses the last answer with its error.
            if (!CanRepeat || EngineLoader.Engine.CodeProblem(typed) is not { } problem)
                return SecretAttribute.FromText(typed);
            cmdlet.WriteWarning(problem);
        }

        return null;
    }

    private string? Read()
    {
        try
        {
            cmdlet.Host.UI.Write("Code: ");
            _asked++;
            return cmdlet.Host.UI.ReadLine()?.Trim() is { Length: > 0 } typed ? typed : null;
        }
        catch (Exception e) when (e is PSNotImplementedException or PSInvalidOperationException or NotImplementedException or InvalidOperationException or HostException)
        {
            cmdlet.WriteDebug("The host cannot ask: " + e.Message);
            return null;
        }
    }
}
