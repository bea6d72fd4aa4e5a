using System.Globalization;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Relay.Limits;

/// <summary>The limits of a named token, for all clients with it together; 0 is without a limit.</summary>
/// <param name="Connections">Joined connections.</param>
/// <param name="Rate">Bytes per second that its clients send.</param>
/// <param name="BytesPerDay">Bytes per day (UTC) that its clients send.</param>
internal sealed record TokenLimits(int Connections = 0, long Rate = 0, long BytesPerDay = 0)
{
    /// <summary>What a limit looks like in a token file.</summary>
    public const string Example = "connections=20 rate=10MiB bytes-per-day=100GiB";

    public static readonly TokenLimits None = new();

    /// <summary>Reads words such as <c>rate=10MiB</c>; null if one is no limit, is zero, or stands twice.</summary>
    public static TokenLimits? Parse(IEnumerable<string> words)
    {
        TokenLimits? limits = None;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            string[] parts = word.Split('=', 2);
            limits = parts.Length == 2 && names.Add(parts[0]) ? limits.With(parts[0], parts[1]) : null;
            if (limits is null)
                return null;
        }

        return limits;
    }

    private TokenLimits? With(string name, string value) => name switch
    {
        "connections" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 => this with { Connections = count },
        "rate" when ByteSize.TryParse(value, out long rate) && rate > 0 => this with { Rate = rate },
        "bytes-per-day" when ByteSize.TryParse(value, out long bytes) && bytes > 0 => this with { BytesPerDay = bytes },
        _ => null,
    };
}
