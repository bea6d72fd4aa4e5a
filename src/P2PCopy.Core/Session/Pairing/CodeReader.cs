using System.Globalization;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Pairing;

/// <summary>Reads a typed code and splits it into route and secret (docs/protocol.md §1).</summary>
internal static class CodeReader
{
    private const int RouteLengthWithoutDash = 4;

    /// <summary>Splits a typed code.</summary>
    /// <param name="text">The code as it was typed or pasted.</param>
    /// <param name="code">Its canonical text, its route in lower case, and its secret.</param>
    /// <returns>Null, or a sentence that says why the code cannot be used and does not contain it.</returns>
    public static string? Read(string text, out (string Text, string Route, string Secret) code)
    {
        code = default;
        if (text.Length > 4 * PairingCode.MaximumLength)
            return TooLong();
        if (GeneratedForm.Of(text, out int misspelled) is { } generated)
        {
            if (misspelled > 0)
                return $"word {misspelled} after the first dash is misspelled: generated codes have a similar word.";
            code = (generated, generated[..GeneratedForm.RouteLength], generated[(GeneratedForm.RouteLength + 1)..]);
            return null;
        }

        string trimmed = text.Trim();
        if (!WellFormed.Is(trimmed))
            return "it contains half of a surrogate pair.";
        if (trimmed.Contains('\ufffe'))
            return "it contains U+FFFE, which is not a character."; // .NET does not normalise text with it
        string whole = trimmed.Normalize(NormalizationForm.FormC);
        if (whole.Any(char.IsControl))
            return "it contains a control character.";
        if (whole.Length > PairingCode.MaximumLength)
            return TooLong();
        if (!NormalizationWorks && whole.Any(HasAnotherSpelling))
            return "it contains a letter that can be encoded in two ways, and this system cannot convert one into the other.";
        if (whole.Length < PairingCode.MinimumLength)
            return $"it has {whole.Length} characters and needs at least {PairingCode.MinimumLength}.";

        int dash = whole.IndexOf('-');
        if (dash == 0)
            return "it begins with a dash, so its route, the part before the first dash, is empty.";
        int routeLength = dash > 0 ? dash : RouteLengthWithoutDash;
        if (char.IsHighSurrogate(whole[routeLength - 1]))
            return "it has no dash between the route and the secret.";
        string secret = whole[(dash > 0 ? dash + 1 : RouteLengthWithoutDash)..];
        if (secret.Length < PairingCode.MinimumSecretLength)
            return $"the part after the first dash, the secret, has {secret.Length} characters and needs at least {PairingCode.MinimumSecretLength}.";
        code = (whole, GeneratedForm.ReadRoute(whole[..routeLength].ToLowerInvariant()), secret);
        return null;
    }

    private static string TooLong() => $"it has more than {PairingCode.MaximumLength} characters.";

    // In globalization-invariant mode .NET does not normalise and does not report it. If only one of two sides normalised, the
    // same code could differ between them, so such a side refuses text that the other side might change.
    private static readonly bool NormalizationWorks = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    private static bool HasAnotherSpelling(char c) => c > '\u02ff' && (c is
        >= '\u1100' and <= '\u11ff' or          // Hangul letters that combine
        '\u0374' or '\u037e' or '\u0387' or     // Greek signs with a canonical double
        >= '\u1f00' and <= '\u1fff' or          // polytonic Greek
        >= '\u2000' and <= '\u2001' or '\u2126' or '\u212a' or '\u212b' or '\u2329' or '\u232a' or
        >= '\u0958' and <= '\u095f' or >= '\u0f43' and <= '\u0fb9' or
        >= '\uf900' and <= '\ufb4f' or          // compatibility ideographs, Hebrew forms
        >= '\ud800' and <= '\udfff'
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);
}
