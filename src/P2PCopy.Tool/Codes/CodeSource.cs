namespace P2PCopy.Tool.Codes;

/// <summary>Finds the code: the option, its environment variable, standard input, or the user at the terminal.</summary>
internal static class CodeSource
{
    /// <summary>The code, or null when none was given and the user cannot be asked.</summary>
    /// <param name="host">The process.</param>
    /// <param name="option">The value of <c>--code</c>; <c>-</c> reads the first line of standard input.</param>
    /// <param name="file">The value of <c>--code-file</c>.</param>
    /// <param name="complete">What a partly typed code may become; null does not ask at all.</param>
    /// <param name="cancellationToken">Ends the waiting for standard input or a key.</param>
    public static PairingCode? Find(
        ToolHost host, string? option, string? file, Func<string, IReadOnlyList<string>>? complete, CancellationToken cancellationToken)
        => FindText(host, option, file, complete, cancellationToken) is { } text ? PairingCode.Parse(text) : null;

    private static string? FindText(
        ToolHost host, string? option, string? file, Func<string, IReadOnlyList<string>>? complete, CancellationToken cancellationToken)
    {
        if (option == "-")
        {
            return ToolHost.Read(() => host.In.Value.ReadLine(), cancellationToken) is { } line && line.Trim().Length > 0
                ? line.Trim()
                : throw new P2PException(P2PErrorCode.InvalidOption, "--code - reads the code from standard input, which was empty.") { Hint = "Write the code to standard input, or use --code-file." };
        }

        if (SecretSource.Find(option, ("--code-file", file), host.Variable("P2PCOPY_CODE")) is { } given)
            return given.Trim();
        if (complete is null || !host.CanAsk)
            return null;

        return new CodePrompt(host, complete).Ask("Code (Tab completes words): ", cancellationToken) is { } asked && asked.Trim().Length > 0
            ? asked.Trim()
            : throw new OperationCanceledException("No code was entered.");
    }
}
