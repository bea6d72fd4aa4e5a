namespace P2PCopy.Session.Pairing;

/// <summary>
/// Estimates the strength of a secret against guessing, in bits. Generated words have an exact strength. The strength of
/// chosen text can only be estimated: the estimates exclude careless secrets but do not prove strength.
/// </summary>
internal static class SecretStrength
{
    /// <summary>What a word of the list counts, which has 1024.</summary>
    public const double BitsPerWord = 10;

    private const double BitsPerDistinctCharacter = 5;

    private const double BitsPerCharacter = 4;
    private const int LongestRun = 4;

    /// <summary>
    /// The low estimate, for a standing receiver, at which attackers can guess for months.
    /// </summary>
    public static double Bits(string secret) => OfWords(secret) ?? OfChosenText(secret);

    /// <summary>
    /// The estimate for the code of one transfer, which ends after a few guesses: four bits for each character, so that
    /// eight characters are sufficient, as in NIST SP 800-63B. A repeated character and the fifth character of a run (abcde,
    /// 54321) add nothing, and each distinct character adds at most 5 bits.
    /// </summary>
    public static double TransferBits(string secret) => OfWords(secret) ?? OfLength(secret);

    /// <summary>Whether the secret consists of words of the list, as generated codes do.</summary>
    public static bool IsWords(string secret) => OfWords(secret) is not null;

    /// <summary>
    /// Ten bits for each word of the list, because generated codes consist of such words. One word may occur twice, which
    /// happens by chance; further repetitions add nothing.
    /// </summary>
    private static double? OfWords(string secret)
    {
        string[] words = secret.Split('-');
        foreach (string word in words)
        {
            if (PairingWords.All.BinarySearch(word, StringComparer.Ordinal) < 0)
                return null;
        }

        return BitsPerWord * Math.Min(words.Length, words.Distinct(StringComparer.Ordinal).Count() + 1);
    }

    /// <summary>
    /// The estimate of NIST SP 800-63 (2006), appendix A.2.1, for passwords that people choose: 4 bits for the first
    /// character, 2 for the next 7, 1.5 up to the 20th, 1 for each further one. A character that repeats or continues the
    /// previous one (aaa, 123, fed) adds nothing, and each distinct character adds at most 5 bits.
    /// </summary>
    private static double OfChosenText(string secret)
    {
        double bits = 0;
        int counted = 0;
        for (int i = 0; i < secret.Length; i++)
        {
            if (i > 0 && Math.Abs(secret[i] - secret[i - 1]) <= 1)
                continue;
            bits += counted switch { 0 => 4, < 8 => 2, < 20 => 1.5, _ => 1 };
            counted++;
        }

        return Math.Min(bits, BitsPerDistinctCharacter * secret.Distinct().Count());
    }

    private static double OfLength(string secret)
    {
        int counted = 0;
        int run = 0;
        int lastStep = 0;
        for (int i = 0; i < secret.Length; i++)
        {
            int step = i > 0 ? secret[i] - secret[i - 1] : 2;
            run = step is 1 or -1 ? (step == lastStep ? run + 1 : 2) : 1;
            lastStep = step;
            if (step != 0 && run <= LongestRun)
                counted++;
        }

        return Math.Min(BitsPerCharacter * counted, BitsPerDistinctCharacter * secret.Distinct().Count());
    }
}
