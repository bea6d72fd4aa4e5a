using P2PCopy.Session.Crypto;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// The words that two users compare to be sure that no one is between them (docs/protocol.md §4): ten bits of the verifier
/// for each word, the first word from the highest bits.
/// </summary>
internal static class VerificationWords
{
    private const int BitsPerWord = 10;

    /// <summary>The words of a session, separated by spaces.</summary>
    public static string Of(SessionKeys keys)
    {
        ulong verifier = 0;
        foreach (byte value in keys.Verifier())
            verifier = (verifier << 8) | value;
        string[] words = new string[SessionKeys.VerifierLength * 8 / BitsPerWord];
        for (int i = words.Length - 1; i >= 0; i--, verifier >>= BitsPerWord)
            words[i] = PairingWords.All[(int)(verifier & ((1 << BitsPerWord) - 1))];
        return string.Join(' ', words);
    }
}
