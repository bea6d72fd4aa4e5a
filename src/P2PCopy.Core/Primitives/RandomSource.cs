using System.Security.Cryptography;

namespace P2PCopy.Primitives;

/// <summary>
/// Every random number of the engine but the secret scalars of the pairing: from the generator of the operating system, whatever it
/// is for. The engine draws none elsewhere, so that a simulation can repeat a run.
/// </summary>
internal static class RandomSource
{
    /// <summary>Random bytes.</summary>
    public static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    /// <summary>Lower-case hex digits.</summary>
    public static string Hex(int digits) => RandomNumberGenerator.GetHexString(digits, lowercase: true);

    /// <summary>A text of characters that are drawn from others.</summary>
    public static string Text(ReadOnlySpan<char> characters, int length) => RandomNumberGenerator.GetString(characters, length);

    /// <summary>Items that are drawn from others; one may be drawn again.</summary>
    public static T[] Items<T>(ReadOnlySpan<T> items, int count) => RandomNumberGenerator.GetItems(items, count);

    /// <summary>A number in [0, 1), which an attacker may guess.</summary>
    public static double Fraction() => Random.Shared.NextDouble();
}
