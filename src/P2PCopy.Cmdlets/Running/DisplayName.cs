using System.Globalization;
using System.Text;

namespace P2PCopy.Cmdlets.Running;

/// <summary>A name as the host may show it: a peer chooses names, and one could hold what moves a cursor or turns the text.</summary>
internal static class DisplayName
{
    /// <summary>The name with everything that drives a terminal made visible.</summary>
    public static string Of(string name)
    {
        if (!name.Any(DrivesTerminal))
            return name;

        var text = new StringBuilder(name.Length + 8);
        foreach (char c in name)
        {
            if (DrivesTerminal(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        return text.ToString();
    }

    private static bool DrivesTerminal(char c)
        => char.IsControl(c) || c is '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
