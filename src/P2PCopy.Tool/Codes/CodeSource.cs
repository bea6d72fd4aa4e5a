namespace P2PCopy.Tool.Codes;

/// <summary>Finds the code: the option, its file, its environment variable, or standard input.</summary>
internal static class CodeSource
{
    /// <summary>The code; null if none was given.</summary>
    /// <param name="host">The process.</param>
    /// <param name="option">The value of <c>--code</c>; <c>-</c> reads the first line of standard input.</param>
    /// <param name="file">The value of <c>--code-file</c>.</param>
    /// <param name="cancellationToken">Ends the wait for standard input.</param>
    public static PairingCode? Find(ToolHost host, string? option, string? file, CancellationToken cancellationToken)
    {
        if (option == "-")
        {
            return ToolHost.Read(() => host.In.Value.ReadLine(), cancellationToken) is { } line && line.Trim().Length > 0
                ? PairingCode.Parse(line)
                : throw new P2PException(P2PErrorCode.InvalidOption, "--code - reads the code from standard input, which was empty.") { Hint = "Write the code to standard input, or use --code-file." };
        }

        return SecretSource.Find(option, ("--code-file", file), host.Variable("P2PCOPY_CODE")) is { } given ? PairingCode.Parse(given) : null;
    }
}
