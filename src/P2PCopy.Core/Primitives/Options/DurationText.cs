using System.Globalization;

namespace P2PCopy.Primitives.Options;

/// <summary>Reads a time in seconds, or with a unit: <c>90</c>, <c>90s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class DurationText
{
    public static bool TryParse(string text, out int seconds)
    {
        string trimmed = text.Trim();
        int factor = trimmed.LastOrDefault() switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => 0,
        };
        string number = factor == 0 ? trimmed : trimmed[..^1];
        seconds = 0;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            return false;

        long exact = (long)value * Math.Max(1, factor);
        if (exact > int.MaxValue)
            return false;

        seconds = (int)exact;
        return true;
    }
}
