using System.Numerics;
using System.Security.Cryptography;
using static P2PCopy.Session.Crypto.P256;

namespace P2PCopy.Session.Crypto;

/// <summary>RFC 9380, <c>P256_XMD:SHA-256_SSWU_NU_</c> (section 8.2): maps bytes to a point of P-256 with an unknown logarithm.</summary>
internal static class HashToCurve
{
    // L of section 8.2: reducing so many bytes modulo p leaves no bias.
    private const int ElementLength = 48;
    private const int HashLength = SHA256.HashSizeInBytes;
    private const int HashBlockLength = 64;

    private static readonly BigInteger Z = P - 10;

    // -b/a and b/(z·a), the two constants of the map (section 6.6.2).
    private static readonly BigInteger MinusBOverA = Reduce((P - B) * Invert(A));
    private static readonly BigInteger BOverZa = Reduce(B * Invert(Reduce(Z * A)));

    /// <summary><c>encode_to_curve</c> of section 3.</summary>
    public static (BigInteger X, BigInteger Y) Encode(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain)
        => MapToCurve(HashToField(message, domain));

    /// <summary><c>hash_to_field</c> with one element (section 5.2).</summary>
    public static BigInteger HashToField(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain)
    {
        Span<byte> uniform = stackalloc byte[ElementLength];
        ExpandMessage(message, domain, uniform);
        BigInteger element = Reduce(Read(uniform));
        uniform.Clear(); // derived from the secret
        return element;
    }

    /// <summary><c>expand_message_xmd</c> with SHA-256 (section 5.3.1).</summary>
    public static void ExpandMessage(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain, Span<byte> output)
    {
        if (domain.Length > 255)
            throw new ArgumentException("A domain separation tag has at most 255 bytes.", nameof(domain));
        if (output.Length > 255 * HashLength)
            throw new ArgumentException("At most 8160 bytes can be expanded.", nameof(output));

        Span<byte> domainLength = [(byte)domain.Length];
        Span<byte> first = stackalloc byte[HashLength];
        Span<byte> block = stackalloc byte[HashLength];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(stackalloc byte[HashBlockLength]);
        hash.AppendData(message);
        hash.AppendData([(byte)(output.Length >> 8), (byte)output.Length, 0]);
        hash.AppendData(domain);
        hash.AppendData(domainLength);
        hash.GetHashAndReset(first);

        block.Clear();
        for (byte i = 1; output.Length > 0; i++)
        {
            for (int j = 0; j < HashLength; j++)
                block[j] ^= first[j];
            hash.AppendData(block);
            hash.AppendData([i]);
            hash.AppendData(domain);
            hash.AppendData(domainLength);
            hash.GetHashAndReset(block);
            int taken = Math.Min(HashLength, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
        }

        first.Clear();
        block.Clear();
    }

    /// <summary><c>map_to_curve_simple_swu</c> (section 6.6.2).</summary>
    public static (BigInteger X, BigInteger Y) MapToCurve(BigInteger u)
    {
        BigInteger zu2 = Reduce(Z * u * u);
        BigInteger denominator = Reduce(zu2 * zu2 + zu2);
        BigInteger x = denominator.IsZero ? BOverZa : Reduce(MinusBOverA * (1 + Invert(denominator)));
        if (!TrySquareRoot(CurveEquation(x), out BigInteger y))
        {
            x = Reduce(zu2 * x);
            if (!TrySquareRoot(CurveEquation(x), out y))
                throw new CryptographicException("The map to P-256 found no point.");
        }

        return (x, y.IsEven == u.IsEven || y.IsZero ? y : P - y);
    }
}
