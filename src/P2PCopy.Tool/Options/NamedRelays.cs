namespace P2PCopy.Tool.Options;

/// <summary>Relays of the settings file that a command line names.</summary>
internal static class NamedRelays
{
    private static readonly string[] RelayOptions = ["--relay", "-r", "--token-relay"];

    /// <summary>The arguments, in which an address stands for each name of a relay.</summary>
    /// <exception cref="P2PException">The settings cannot be used.</exception>
    public static string[] Replace(string[] arguments, ToolHost host)
    {
        string[] replaced = [.. arguments];
        for (int i = 0; i < replaced.Length && replaced[i] != "--"; i++)
        {
            if (RelayOptions.Contains(replaced[i]) && i + 1 < replaced.Length)
            {
                i++;
                replaced[i] = AddressOf(replaced[i], host);
            }
            else if (RelayOptions.FirstOrDefault(o => replaced[i].StartsWith(o + "=", StringComparison.Ordinal)) is { } option)
            {
                replaced[i] = $"{option}={AddressOf(replaced[i][(option.Length + 1)..], host)}";
            }
            else if (i > 0 && replaced[0] == "test" && !replaced[i].StartsWith('-') && !replaced[i - 1].StartsWith('-'))
            {
                replaced[i] = AddressOf(replaced[i], host);
            }
        }

        return replaced;
    }

    private static string AddressOf(string text, ToolHost host)
        => text.Contains("://", StringComparison.Ordinal) ? text : host.Settings.RelayOf(text)?.AbsoluteUri ?? text;
}
