using System.Text;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Source;

/// <summary>
/// One pattern for names with <c>/</c> between parts: <c>*</c> and <c>?</c> within a part, <c>[a-z]</c> and <c>[!a]</c>,
/// <c>**</c> for any number of parts. Without a <c>/</c> it is compared with the last part at any depth; with a trailing
/// <c>/</c> it matches only folders. The time is at most proportional to the length of the pattern times that of the name.
/// </summary>
internal sealed class Glob
{
    private readonly string[] _parts;
    private readonly bool _lastPartOnly;
    private readonly bool _foldersOnly;
    private readonly bool _ignoreCase;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="P2PException">It is empty.</exception>
    public Glob(string pattern, bool ignoreCase)
    {
        string text = LocalPath.ToWire(pattern);
        _foldersOnly = text.EndsWith('/');
        bool anchored = text.TrimEnd('/').Contains('/');
        _parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        if (_parts.Length == 0)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"The pattern \"{VisibleText.Name(pattern)}\" contains no name.")
            {
                Hint = "Use a name; it may contain *, ?, [..] and **.",
            };
        }

        _lastPartOnly = !anchored && _parts[0] != "**";
        _ignoreCase = ignoreCase;
    }

    /// <summary>Whether a name matches.</summary>
    /// <param name="name">Relative, <c>/</c> between parts.</param>
    /// <param name="isFolder">Whether it is the name of a folder.</param>
    public bool Matches(ReadOnlySpan<char> name, bool isFolder)
    {
        if (_foldersOnly && !isFolder)
            return false;
        if (_lastPartOnly)
            return PartMatches(_parts[0], name[(name.LastIndexOf('/') + 1)..]);

        // The usual two-pointer match for one kind of wildcard: only the last ** needs another attempt.
        int part = 0, at = 0, retryPart = -1, retryAt = 0;
        while (at <= name.Length)
        {
            if (part < _parts.Length && _parts[part] == "**")
            {
                retryPart = ++part;
                retryAt = at;
                if (part == _parts.Length)
                    return true;
                continue;
            }

            int end = End(name, at);
            if (part < _parts.Length && PartMatches(_parts[part], name[at..end]))
            {
                part++;
                at = end + 1;
                if (part == _parts.Length && at > name.Length)
                    return true;
                if (at <= name.Length)
                    continue;
            }

            if (retryPart < 0)
                return false;
            part = retryPart;
            at = retryAt = End(name, retryAt) + 1;
        }

        return false;
    }

    private static int End(ReadOnlySpan<char> name, int at)
    {
        int slash = name[at..].IndexOf('/');
        return slash < 0 ? name.Length : at + slash;
    }

    private bool PartMatches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starText = t;
            }
            else if (p < pattern.Length && OneMatches(pattern, p, text, t, out int nextPattern, out int nextText))
            {
                p = nextPattern;
                t = nextText;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++starText;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    // One character, which may be two UTF-16 units.
    private bool OneMatches(ReadOnlySpan<char> pattern, int p, ReadOnlySpan<char> text, int t, out int nextPattern, out int nextText)
    {
        Rune.DecodeFromUtf16(text[t..], out Rune rune, out int units);
        nextText = t + units;
        if (pattern[p] == '?')
        {
            nextPattern = p + 1;
            return true;
        }

        if (pattern[p] == '[' && TrySet(pattern, p, rune, out nextPattern, out bool inSet))
            return inSet;

        Rune.DecodeFromUtf16(pattern[p..], out Rune literal, out int patternUnits);
        nextPattern = p + patternUnits;
        return Fold(literal) == Fold(rune);
    }

    // An unclosed bracket is an ordinary character, as in a shell.
    private bool TrySet(ReadOnlySpan<char> pattern, int p, Rune rune, out int next, out bool inSet)
    {
        inSet = false;
        next = p;
        int i = p + 1;
        bool negated = i < pattern.Length && pattern[i] is '!' or '^';
        if (negated)
            i++;
        int first = i;
        while (i < pattern.Length && (pattern[i] != ']' || i == first))
        {
            Rune.DecodeFromUtf16(pattern[i..], out Rune from, out int units);
            i += units;
            Rune to = from;
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                Rune.DecodeFromUtf16(pattern[(i + 1)..], out to, out units);
                i += 1 + units;
            }

            inSet |= (from <= rune && rune <= to)
                || (_ignoreCase && ((from <= Fold(rune) && Fold(rune) <= to) || (Fold(from) <= Fold(rune) && Fold(rune) <= Fold(to))));
        }

        if (i >= pattern.Length)
            return false;
        next = i + 1;
        inSet ^= negated;
        return true;
    }

    private Rune Fold(Rune rune) => _ignoreCase ? Rune.ToUpperInvariant(rune) : rune;
}
