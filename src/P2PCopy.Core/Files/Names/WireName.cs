using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Names;

/// <summary>
/// Names on the wire: UTF-8, relative, <c>/</c> between parts. A name of a peer is used only after <see cref="Objection"/>
/// accepted it.
/// </summary>
internal static class WireName
{
    /// <summary>Bytes of a whole name in UTF-8.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Parts of a name.</summary>
    public const int MaxDepth = 255;

    /// <summary>UTF-8 bytes of a part on Unix, UTF-16 units on Windows.</summary>
    public const int MaxPart = 255;

    private const string PartialEnding = ".p2ppart";
    private const int PartialDigits = 16;

    private static readonly SearchValues<char> WindowsForbidden = SearchValues.Create("<>\"|?*\\:");

    private static readonly string[] WindowsDevices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>The reason why a name must not or cannot be created here.</summary>
    /// <returns>The end of a sentence that begins with the name; null if the name is allowed.</returns>
    public static string? Objection(string name, NameRules rules)
    {
        if (name.Length == 0)
            return "is empty";
        if (name[0] == '/')
            return "is absolute";
        if (name.Contains('\0'))
            return "holds a NUL";
        if (!WellFormed.Is(name))
            return "is not valid Unicode";
        if (name.Length > MaxBytes || Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            return $"is longer than {MaxBytes} bytes";
        }

        int depth = 0;
        foreach (Range range in name.AsSpan().Split('/'))
        {
            if (++depth > MaxDepth)
                return $"has more than {MaxDepth} parts";
            if (PartObjection(name.AsSpan()[range], rules) is { } objection)
                return objection;
        }

        return null;
    }

    /// <summary>The name of the partial file beside a destination of this last name.</summary>
    public static string Partial(ReadOnlySpan<char> lastName)
    {
        int length = Encoding.UTF8.GetByteCount(lastName);
        Span<byte> utf8 = length <= MaxPart ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(lastName, utf8);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8, hash);
        Span<char> digits = stackalloc char[PartialDigits];
        _ = Convert.TryToHexStringLower(hash[..(PartialDigits / 2)], digits, out _);
        return string.Concat(".", digits, PartialEnding);
    }

    /// <summary>Whether a name has the form of a partial file.</summary>
    public static bool IsPartial(ReadOnlySpan<char> lastName)
        => lastName.Length == 1 + PartialDigits + PartialEnding.Length
            && lastName[0] == '.'
            && lastName.EndsWith(PartialEnding, StringComparison.OrdinalIgnoreCase)
            && !lastName[1..(1 + PartialDigits)].ContainsAnyExcept(Hexadecimal);

    /// <summary>The last part.</summary>
    public static ReadOnlySpan<char> Last(string name) => name.AsSpan(name.LastIndexOf('/') + 1);

    /// <summary>Everything before the last part, or an empty string.</summary>
    public static string Parent(string name) => name.LastIndexOf('/') is > 0 and int slash ? name[..slash] : "";

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private static string? PartObjection(ReadOnlySpan<char> part, NameRules rules)
    {
        if (part.IsEmpty)
            return "has an empty part";
        if (part is "." or "..")
            return "holds a relative part";
        if (IsPartial(part))
            return "is the name of an unfinished file of P2PCopy";
        return rules == NameRules.Windows ? WindowsObjection(part)
            : part.Length > MaxPart || Encoding.UTF8.GetByteCount(part) > MaxPart ? $"has a part longer than {MaxPart} bytes"
            : null;
    }

    // "Naming Files, Paths, and Namespaces" in the Windows documentation.
    private static string? WindowsObjection(ReadOnlySpan<char> part)
    {
        if (part.Length > MaxPart)
            return $"has a part longer than {MaxPart} characters";
        if (part.Contains(':'))
            return "holds a colon, which names a drive or a stream on Windows";
        if (part.Contains('\\'))
            return "holds a backslash, which separates parts on Windows";
        if (part.ContainsAny(WindowsForbidden))
            return "holds a character that Windows does not allow";
        if (part.ContainsAnyInRange('\0', '\x1F'))
            return "holds a control character, which Windows does not allow";
        if (part[^1] is '.' or ' ')
            return "ends in a dot or a space, which Windows drops";

        int dot = part.IndexOf('.');
        ReadOnlySpan<char> stem = (dot < 0 ? part : part[..dot]).TrimEnd(' ');
        foreach (string device in WindowsDevices)
        {
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase))
                return "is the name of a device on Windows";
        }

        bool port = stem.Length == 4
            && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
            && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³');
        return port ? "is the name of a device on Windows" : null;
    }
}
