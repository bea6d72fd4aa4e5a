using P2PCopy.Tool.Display;

namespace P2PCopy.Tool.Codes;

/// <summary>
/// Asks the user for the code, and asks again if it cannot be used or the other side used a different one: the user who typed it is
/// the one who can correct it. It asks three times.
/// </summary>
internal sealed class CodeQuestion(ToolHost host)
{
    private const int MostQuestions = 3;
    private const int NarrowColumns = 60;
    private int _asked;

    /// <summary>Whether the user may be asked again.</summary>
    public bool CanRepeat => _asked < MostQuestions;

    /// <summary>The code.</summary>
    /// <exception cref="OperationCanceledException">The user entered none.</exception>
    /// <exception cref="P2PException">The last answer cannot be used.</exception>
    public PairingCode Ask(CancellationToken cancellationToken)
    {
        while (true)
        {
            _asked++;
            if (new CodePrompt(host, host.Engine.CompleteCode).Ask(host.ErrorColumns < NarrowColumns ? "Code: " : "Code (Tab completes words): ", cancellationToken) is not { } typed || typed.Trim().Length == 0)
                throw new OperationCanceledException("No code was entered.");
            if (PairingCode.Validate(typed, out PairingCode? code) is not { } problem)
                return code!;
            if (!CanRepeat)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The code cannot be used: {problem}");
            new Screen(host).Trouble(Label.None, $"The code cannot be used: {problem}");
        }
    }
}
