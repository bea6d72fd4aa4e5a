using P2PCopy.Session.Pairing;

namespace P2PCopy.Tool.Codes;

/// <summary>
/// The words after <c>receive</c>: a code, a folder, or both. One word is the code if it has the form of a generated code and no
/// folder has this name. The words of a code may be separate arguments, as when it is typed with spaces.
/// </summary>
/// <param name="Code">The code as it was typed; null if there is none.</param>
/// <param name="Folder">The destination; null if there is none.</param>
internal sealed record TypedCode(string? Code, string? Folder)
{
    /// <summary>Splits the words; null if they are more than a code and a folder.</summary>
    /// <param name="words">The arguments.</param>
    /// <param name="folderExists">Whether a folder with this name exists.</param>
    public static TypedCode? Split(IReadOnlyList<string> words, Func<string, bool> folderExists)
    {
        if (words.Count == 0)
            return new TypedCode(null, null);
        if (words.Count == 1)
            return IsGenerated(words[0]) && !folderExists(words[0]) ? new TypedCode(words[0], null) : new TypedCode(null, words[0]);

        // A folder may have a name that could be a word of the code.
        string allButLast = string.Join(' ', words.SkipLast(1));
        if (IsGenerated(allButLast) && (words.Count == 2 || PairingWords.Read(words[^1]) is null))
            return new TypedCode(allButLast, words[^1]);
        string spaced = string.Join(' ', words);
        if (IsGenerated(spaced))
            return new TypedCode(spaced, null);
        if (words.Count > 2)
            return null;
        return IsGenerated(words[1]) ? new TypedCode(words[1], words[0]) : new TypedCode(words[0], words[1]);
    }

    /// <summary>Whether a word is probably the beginning of a generated code: one or two words are missing, or the end of the last one.</summary>
    public static bool IsIncomplete(string word)
    {
        string[] parts = word.TrimEnd('-', ' ').Split('-', ' ');
        return parts.Length is > 1 and <= PairingCode.DefaultWordCount + 1 && !IsGenerated(word)
            && parts[0].Length == GeneratedForm.RouteLength && parts[0].All(char.IsAsciiLetterOrDigit) && parts[0].Any(char.IsAsciiDigit)
            && parts[1..^1].All(p => PairingWords.Read(p) is not null) && BeginsWord(parts[^1]);
    }

    /// <summary>Whether a word can only be meant as a code: it has the form of a generated one.</summary>
    public static bool IsGenerated(string word) => GeneratedForm.Of(word) is not null;

    private static bool BeginsWord(string part)
    {
        foreach (string word in PairingWords.All)
        {
            if (part.Length > 1 && word.StartsWith(part, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
