using P2PCopy.Primitives;
using P2PCopy.Session.Pairing;

namespace P2PCopy;

/// <summary>
/// The code that two people share: <c>ROUTE-SECRET</c>. The route selects the room at the relay; the secret authenticates
/// the other side. <see cref="ToString"/> shows only the route, so that a log or an error does not contain the secret;
/// <see cref="Reveal"/> returns the whole code.
/// </summary>
/// <remarks>
/// The text of the code is a .NET string, which cannot be cleared. Buffers that are derived from it are cleared after use.
/// </remarks>
public sealed class PairingCode
{
    /// <summary>The minimum length of a code in characters.</summary>
    public const int MinimumLength = 8;

    /// <summary>The minimum length of the secret in characters.</summary>
    public const int MinimumSecretLength = 4;

    /// <summary>The maximum length of a code in characters.</summary>
    public const int MaximumLength = 256;

    /// <summary>Words in the generated code of one transfer: 30 bits.</summary>
    public const int DefaultWordCount = 3;

    /// <summary>Words in the generated code of a standing receiver, at which attackers can guess for months: 40 bits.</summary>
    public const int StandingWordCount = 4;

    /// <summary>Bits of secret that a standing receiver requires.</summary>
    public const int StandingSecretBits = 40;

    /// <summary>Bits of secret that one transfer requires of a code, unless <see cref="TransferOptions.AllowWeakCode"/> is set.</summary>
    public const int MinimumSecretBits = 30;

    private readonly string _text;

    private PairingCode(string text, string route, string secret)
    {
        _text = text;
        Route = route;
        Secret = secret;
    }

    /// <summary>The part that selects the room, in lower case. The relay can learn it.</summary>
    public string Route { get; }

    /// <summary>The room of <see cref="Route"/>: 22 base64url characters.</summary>
    public string RoomName => Room.FromRoute(Route);

    /// <summary>The part that authenticates the other side.</summary>
    internal string Secret { get; }

    /// <summary>
    /// The strength of the secret against guessing over months, in bits: ten for each word of the list; for any other text
    /// the low estimate that docs/unattended.md describes.
    /// </summary>
    public double SecretBits => SecretStrength.Bits(Secret);

    /// <summary>
    /// The strength of the secret against the few guesses of one transfer, in bits: ten for each word of the list; for any
    /// other text the estimate that docs/security.md describes.
    /// </summary>
    internal double TransferBits => SecretStrength.TransferBits(Secret);

    /// <summary>Whether the secret consists of words of the list, as in a generated code.</summary>
    internal bool IsOfWords => SecretStrength.IsWords(Secret);

    /// <summary>Makes a code: a random route and random words from a fixed list of 1024.</summary>
    /// <param name="words">Words of secret, ten bits each; 3 to 12.</param>
    /// <returns>A new code from the operating system's random numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="words"/> is outside its range.</exception>
    public static PairingCode Generate(int words = DefaultWordCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(words, DefaultWordCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words, GeneratedForm.MaximumWordCount);
        string route = RandomSource.Text(GeneratedForm.RouteAlphabet, GeneratedForm.RouteLength);
        string secret = DrawSecret(() => RandomSource.Items<string>(PairingWords.All, words));
        return new PairingCode($"{route}-{secret}", route, secret);
    }

    /// <summary>
    /// Draws until every word counts. Of four words, one draw in 150,000 repeats so many that a standing receiver would refuse the code
    /// as too weak.
    /// </summary>
    internal static string DrawSecret(Func<string[]> draw)
    {
        while (true)
        {
            string[] words = draw();
            string secret = string.Join('-', words);
            if (SecretStrength.Bits(secret) >= SecretStrength.BitsPerWord * words.Length)
                return secret;
        }
    }

    /// <summary>Reads a typed code.</summary>
    /// <param name="text">
    /// The code. White space around it is ignored. In a code of the generated form also case, quotation marks, zero-width
    /// characters and the kind of separator are ignored.
    /// </param>
    /// <returns>The code.</returns>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/> with the reason; never with the code.</exception>
    public static PairingCode Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Validate(text, out PairingCode? code) is { } problem
            ? throw new P2PException(P2PErrorCode.InvalidOption, $"The code cannot be used: {problem}") { Hint = "Copy the code again, or generate one with p2pcopy code or New-P2PCode." }
            : code!;
    }

    /// <summary>Reads a typed code, without an exception.</summary>
    /// <param name="text">The code; see <see cref="Parse"/>.</param>
    /// <param name="code">The code, or null.</param>
    /// <returns>Null if the code can be used, otherwise a sentence with the reason.</returns>
    public static string? Validate(string? text, out PairingCode? code)
    {
        code = null;
        if (text is null)
            return "there is none.";
        if (CodeReader.Read(text, out (string Text, string Route, string Secret) read) is { } problem)
            return problem;
        code = new PairingCode(read.Text, read.Route, read.Secret);
        return null;
    }

    /// <summary>
    /// Completes a partly typed code: the words of the list that begin with the text after its last dash. Empty while the
    /// route is being typed.
    /// </summary>
    /// <param name="typed">The beginning of a code.</param>
    /// <returns>The code up to its last dash with each possible word, in order; at most 1024.</returns>
    public static IReadOnlyList<string> Complete(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        int dash = typed.LastIndexOf('-');
        if (dash <= 0)
            return [];
        string prefix = typed[(dash + 1)..];
        var found = new List<string>();
        foreach (string word in PairingWords.All)
        {
            if (word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                found.Add(string.Concat(typed.AsSpan(0, dash + 1), word));
        }

        return found;
    }

    /// <summary>The whole code, to show to a person. Do not write it to a log.</summary>
    /// <returns>The code as it must be typed on the other side.</returns>
    public string Reveal() => _text;

    /// <summary>The route and a mask for the secret.</summary>
    /// <returns>Text that may be logged.</returns>
    public override string ToString() => $"{Route}-***";
}
