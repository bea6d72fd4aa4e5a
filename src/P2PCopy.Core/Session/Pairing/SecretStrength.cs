namespace P2PCopy.Session.Pairing;

/// <summary>
/// How much a secret is worth against somebody who guesses, in bits. Of text that somebody chose only a guess of ours can
/// be had, and it is a low one: a floor against carelessness, no proof of strength.
/// </summary>
internal static class SecretStrength
{
    private const double BitsPerWord = 10;
    private const double BitsPerDifferentCharacter = 5;

    public static double Bits(string secret) => OfWords(secret) ?? OfText(secret);

    /// <summary>
    /// Ten bits for each word of the list, since that is how codes are made. One word may come twice, which also happens
    /// by chance; more repetition counts nothing.
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
    /// one before it (aaa, 123, fed) counts nothing, and few different ones do not become more by being many.
    /// </summary>
    private static double OfText(string secret)
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

        return Math.Min(bits, BitsPerDifferentCharacter * secret.Distinct().Count());
    }
}
