namespace P2PCopy.Module;

/// <summary>What a side shows for the other one: a command to paste, and a generated code on a line of its own to say aloud.</summary>
internal static class Invitation
{
    /// <param name="relays">The relays of this side's options.</param>
    /// <param name="listening">The addresses of a relay in this process, most likely first; used instead of <paramref name="relays"/>.</param>
    /// <param name="code">The generated code; null if the user chose the code.</param>
    /// <param name="command">The command of the other side.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<Uri> relays, IReadOnlyList<Uri> listening, string? code, string command = "Receive-P2PFile")
    {
        string typed = code is null ? string.Empty : " -Code " + code;
        yield return listening.Count > 1 ? "On the other machine, run one of these commands (the first is the most likely to work):" : "On the other machine, run:";
        yield return string.Empty;
        if (listening.Count == 0)
            yield return $"    {command} -Relay {string.Join(", ", relays.Select(Address))}{typed}";
        foreach (Uri address in listening)
            yield return $"    {command} -Relay {Address(address)}{typed}";
        yield return string.Empty;
        if (code is null)
            yield break;
        yield return "The code is:";
        yield return string.Empty;
        yield return code;
        yield return string.Empty;
    }

    // In quotes where PowerShell would read a character as its own, as the brackets of an IPv6 address.
    private static string Address(Uri address)
    {
        string text = address.AbsoluteUri.TrimEnd('/');
        return text.All(c => char.IsAsciiLetterOrDigit(c) || ":/.-_".Contains(c)) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
