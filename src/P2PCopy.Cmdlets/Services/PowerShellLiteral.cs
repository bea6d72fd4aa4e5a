using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace P2PCopy.Cmdlets.Services;

/// <summary>Converts values to literals of a PowerShell script.</summary>
internal static class PowerShellLiteral
{
    /// <summary>The literal; null if the value cannot be written as one.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => Quote(text),
        Uri uri => Quote(uri.OriginalString),
        bool on => on ? "$true" : "$false",
        Enum choice => Quote(choice.ToString()),
        int or long or double or short or byte or uint or ushort or decimal => Convert.ToString(value, CultureInfo.InvariantCulture),
        IEnumerable many when value is not IDictionary => List(many),
        _ when IsSwitch(value, out bool on) => on ? "$true" : "$false",
        _ when Unwrap(value) is { } inner => Of(inner),
        _ => null,
    };

    /// <summary>A text in single quotes, in which no character has a special meaning.</summary>
    public static string Quote(string text)
    {
        // PowerShell also accepts typographic quotation marks as single quotes.
        var quoted = new System.Text.StringBuilder("'");
        foreach (char c in text)
            quoted.Append(c).Append(c is '\'' or '‘' or '’' or '‚' or '‛' ? c.ToString() : string.Empty);
        return quoted.Append('\'').ToString();
    }

    private static string? List(IEnumerable many)
    {
        string?[] items = [.. many.Cast<object?>().Select(Of)];
        return items.Contains(null) ? null : $"@({string.Join(", ", items)})";
    }

    // The types of PowerShell are used in methods of their own: without them, the others work outside PowerShell, too.
    private static bool IsSwitch(object? value, out bool on)
    {
        on = value is SwitchParameter { IsPresent: true };
        return value is SwitchParameter;
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : null;
}
