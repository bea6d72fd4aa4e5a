using P2PCopy.Simulation.World;

namespace P2PCopy.Primitives;

/// <summary>Random numbers that follow from the seed.</summary>
internal static class RandomSource
{
    public static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        Universe.Current.Chance.Fill(bytes);
        return bytes;
    }

    public static string Hex(int digits) => Convert.ToHexStringLower(Bytes((digits + 1) / 2))[..digits];

    public static string Text(ReadOnlySpan<char> characters, int length)
    {
        char[] text = new char[length];
        for (int i = 0; i < length; i++)
            text[i] = characters[Universe.Current.Chance.Below(characters.Length)];
        return new string(text);
    }

    public static T[] Items<T>(ReadOnlySpan<T> items, int count)
    {
        T[] drawn = new T[count];
        for (int i = 0; i < count; i++)
            drawn[i] = items[Universe.Current.Chance.Below(items.Length)];
        return drawn;
    }

    public static double Fraction() => Universe.Current.Chance.Fraction();
}
