namespace P2PCopy.Transfer.Reports;

/// <summary>What a side shows for the other one: commands to paste, and a generated code on a line of its own to say aloud.</summary>
internal static class Invitation
{
    /// <summary>The addresses for another machine: without those of this machine alone, unless there is no other.</summary>
    public static IReadOnlyList<Uri> ForOther(IReadOnlyList<Uri> addresses)
        => addresses.Any(a => !a.IsLoopback) ? [.. addresses.Where(a => !a.IsLoopback)] : addresses;

    /// <summary>The lines to show.</summary>
    /// <param name="byCode">The command without an address, if the other side finds this one by the code alone; else null.</param>
    /// <param name="byAddress">The commands with an address; the first is the most likely to work.</param>
    /// <param name="code">The generated code; null if the user chose the code.</param>
    /// <returns>The lines. Those that are verbatim must not be wrapped.</returns>
    public static IEnumerable<(string Text, bool IsVerbatim)> Lines(string? byCode, IReadOnlyList<string> byAddress, string? code)
    {
        if (byCode is not null)
        {
            yield return ("On the other machine, run:", false);
            yield return ($"\n    {byCode}\n", true);
            yield return (byAddress.Count > 1 ? "If it does not find this machine, run one of these commands there:" : "If it does not find this machine, run there:", false);
        }
        else
        {
            yield return (byAddress.Count > 1 ? "On the other machine, run one of these commands (the first is the most likely to work):" : "On the other machine, run:", false);
        }

        yield return ($"\n    {string.Join("\n    ", byAddress)}\n", true);
        if (code is not null)
            yield return ($"The code is:\n\n{code}\n", true);
    }
}
