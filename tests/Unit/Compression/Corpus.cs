namespace P2PCopy.Tests.Unit.Compression;

/// <summary>Bytes of known kinds, the same in every run.</summary>
internal static class Corpus
{
    private static readonly string[] Words =
        ["the", "transfer", "relay", "of", "a", "file", "to", "receiver", "chunk", "and", "which", "sender", "begins", "never", "0x1f", "12.5", "\n"];

    public static byte[] Random(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Text(int length, int seed = 1)
    {
        var random = new Random(seed);
        var text = new System.Text.StringBuilder(length + 16);
        while (text.Length < length)
            text.Append(Words[random.Next(Words.Length)]).Append(' ').Append(random.Next(100) == 0 ? random.Next().ToString() : "");
        return System.Text.Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
