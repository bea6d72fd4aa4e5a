using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Session.Pairing;

namespace P2PCopy;

/// <summary>
/// The code that two people share: <c>ROUTE-SECRET</c>. The route finds the other side at the relay; the secret proves
/// that it is the right one. <see cref="ToString"/> shows the route alone, so that a code in a log line or an error does
/// no harm; <see cref="Reveal"/> gives the whole to show to a person.
/// </summary>
public sealed class PairingCode
{
    /// <summary>Characters a code has at least.</summary>
    public const int MinimumLength = 8;

    /// <summary>Characters the secret has at least.</summary>
    public const int MinimumSecretLength = 4;

    /// <summary>Characters a code has at most.</summary>
    public const int MaximumLength = 256;

    /// <summary>Words in a code that serves one transfer: 30 bits.</summary>
    public const int DefaultWordCount = 3;

    /// <summary>Words in the code of a standing receiver, which strangers may try for months: 40 bits.</summary>
    public const int StandingWordCount = 4;

    /// <summary>Bits of secret that a standing receiver asks for.</summary>
    public const int StandingSecretBits = 40;

    // Crockford's base 32: no i, l, o, u, so that nothing is misread and no word appears by chance.
    private const string RouteAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int GeneratedRouteLength = 6;
    private const int RouteLengthWithoutDash = 4;

    private readonly string _text;

    private PairingCode(string text, string route, string secret)
    {
        _text = text;
        Route = route;
        Secret = secret;
    }

    /// <summary>The address part, in lower case. The relay may know it.</summary>
    public string Route { get; }

    /// <summary>The room of <see cref="Route"/>: 22 base64url characters.</summary>
    public string RoomName => Room.FromRoute(Route);

    /// <summary>The password part, as it was typed.</summary>
    internal string Secret { get; }

    /// <summary>
    /// What the secret is worth against somebody who guesses, in bits: ten for each word of the list; for any other text
    /// the low estimate that docs/unattended.md describes.
    /// </summary>
    public double SecretBits => SecretStrength.Bits(Secret);

    /// <summary>Makes a code: a random route and random words from a fixed list of 1024.</summary>
    /// <param name="words">Words of secret, ten bits each; 3 to 12.</param>
    /// <returns>A new code from the operating system's random numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="words"/> is outside its range.</exception>
    public static PairingCode Generate(int words = DefaultWordCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(words, DefaultWordCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words, 12);
        string route = RandomNumberGenerator.GetString(RouteAlphabet, GeneratedRouteLength);
        string secret = string.Join('-', RandomNumberGenerator.GetItems(PairingWords.All, words));
        return new PairingCode($"{route}-{secret}", route, secret);
    }

    /// <summary>Reads a code that a person typed.</summary>
    /// <param name="text">The code; white space around it is ignored.</param>
    /// <returns>The code.</returns>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/> with what is wrong; never with the code.</exception>
    public static PairingCode Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out PairingCode? code) is { } problem
            ? throw new P2PException(P2PErrorCode.InvalidOption, $"The code cannot be used: {problem}")
            : code!;
    }

    /// <summary>Reads a code that a person typed, without an exception.</summary>
    /// <param name="text">The code; white space around it is ignored.</param>
    /// <param name="code">The code, or null.</param>
    /// <returns>Null when it was read, otherwise a sentence that says what is wrong with it.</returns>
    public static string? Validate(string? text, out PairingCode? code)
    {
        code = null;
        return text is null ? "there is none." : Read(text, out code);
    }

    /// <summary>
    /// Words of the list that a partly typed code may go on with: the words that begin with what follows its last dash.
    /// Empty while the route is being typed.
    /// </summary>
    /// <param name="typed">The beginning of a code.</param>
    /// <returns>The code up to its last dash with each possible word, in order; at most 1024.</returns>
    public static IReadOnlyList<string> Complete(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        int dash = typed.LastIndexOf('-');
        if (dash <= 0) return [];
        string prefix = typed[(dash + 1)..];
        var found = new List<string>();
        foreach (string word in PairingWords.All)
            if (word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) found.Add(string.Concat(typed.AsSpan(0, dash + 1), word));
        return found;
    }

    /// <summary>The whole code, to be shown to a person and never written to a log.</summary>
    /// <returns>The code as it has to be typed on the other side.</returns>
    public string Reveal() => _text;

    /// <summary>The route and a mask for the secret.</summary>
    /// <returns>Text that may be logged.</returns>
    public override string ToString() => $"{Route}-***";

    private static string? Read(string text, out PairingCode? code)
    {
        code = null;
        if (text.Length > 4 * MaximumLength) return $"it has more than {MaximumLength} characters.";
        string trimmed = text.Trim();
        if (!IsWellFormed(trimmed)) return "it holds half of a character pair; type it again.";
        string whole = trimmed.Normalize(NormalizationForm.FormC);
        if (whole.Any(char.IsControl)) return "it holds a control character; type it again.";
        if (whole.Length > MaximumLength) return $"it has more than {MaximumLength} characters.";
        if (!NormalizationWorks && whole.Any(HasAnotherSpelling))
            return "it holds a letter that can be encoded in two ways, and this system cannot tell them apart; use plain letters.";
        if (whole.Length < MinimumLength) return $"it has {whole.Length} characters and needs at least {MinimumLength}.";

        int dash = whole.IndexOf('-');
        if (dash == 0) return "it begins with a dash; the part before the first dash names the meeting place.";
        int routeLength = dash > 0 ? dash : RouteLengthWithoutDash;
        if (char.IsHighSurrogate(whole[routeLength - 1])) return "put a dash after the part that names the meeting place.";
        string secret = whole[(dash > 0 ? dash + 1 : RouteLengthWithoutDash)..];
        if (secret.Length < MinimumSecretLength)
            return $"the part after the first dash, the secret, has {secret.Length} characters and needs at least {MinimumSecretLength}.";
        code = new PairingCode(whole, whole[..routeLength].ToLowerInvariant(), secret);
        return null;
    }

    // With globalization-invariant mode .NET normalises nothing and says nothing. Two sides of which only one normalises
    // would see two codes where people see one, so such a side refuses what the other might change.
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

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }
}
