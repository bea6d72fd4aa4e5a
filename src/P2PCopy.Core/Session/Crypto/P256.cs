using System.Numerics;
using System.Security.Cryptography;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// The operations on the curve P-256 (SEC 2, secp256r1: y² = x³ - 3x + b) that CPace needs and the base class library does
/// not have: field arithmetic, and validating and lifting points. The operating system does the scalar multiplication.
/// </summary>
/// <remarks>
/// The running time of <see cref="BigInteger"/> depends on the values; docs/security-auditors.md explains the small risk.
/// </remarks>
internal static partial class P256
{
    /// <summary>Bytes of a coordinate.</summary>
    public const int FieldLength = 32;

    /// <summary>Bytes of an uncompressed point: 4 ‖ x ‖ y.</summary>
    public const int PointLength = 65;

    public static readonly BigInteger P = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    public static readonly BigInteger B = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    public static readonly BigInteger A = P - 3;

    private static readonly BigInteger SquareRootExponent = (P + 1) >> 2;

    /// <summary>The representative of a number in [0, p).</summary>
    public static BigInteger Reduce(BigInteger number)
    {
        BigInteger rest = BigInteger.Remainder(number, P);
        return rest.Sign < 0 ? rest + P : rest;
    }

    public static BigInteger Invert(BigInteger element) => BigInteger.ModPow(element, P - 2, P);

    /// <summary>A square root, if there is one (p ≡ 3 mod 4).</summary>
    public static bool TrySquareRoot(BigInteger square, out BigInteger root)
    {
        root = BigInteger.ModPow(square, SquareRootExponent, P);
        return Reduce(root * root) == square;
    }

    /// <summary>x³ - 3x + b.</summary>
    public static BigInteger CurveEquation(BigInteger x) => Reduce((x * x + A) * x + B);

    /// <summary>Writes 4 ‖ x ‖ y.</summary>
    public static byte[] Encode(BigInteger x, BigInteger y)
    {
        byte[] point = new byte[PointLength];
        point[0] = 4;
        Write(x, point.AsSpan(1, FieldLength));
        Write(y, point.AsSpan(1 + FieldLength, FieldLength));
        return point;
    }

    /// <summary>The point with this x and the even y, encoded.</summary>
    public static byte[] LiftToEvenY(ReadOnlySpan<byte> x)
    {
        BigInteger number = Read(x);
        if (!TrySquareRoot(CurveEquation(number), out BigInteger y))
            throw new CryptographicException("An x-coordinate from a key agreement is not on P-256.");
        return Encode(number, y.IsEven ? y : P - y);
    }

    /// <summary>
    /// Whether bytes encode a point of the group: length, prefix, both coordinates below p, the curve equation
    /// (IEEE 1363 A.16.10). The cofactor is 1, so every such point is in the group; the point at infinity has no such encoding.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointLength || point[0] != 4)
            return false;
        BigInteger x = Read(point.Slice(1, FieldLength));
        BigInteger y = Read(point.Slice(1 + FieldLength, FieldLength));
        return x < P && y < P && Reduce(y * y) == CurveEquation(x);
    }

    /// <summary>A random scalar.</summary>
    public static ECDiffieHellman CreateScalar()
    {
        ECDiffieHellman? key = null;
        CreateTestKey(default, ref key);
        return key ?? ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    }

    /// <summary>A valid encoded point as the public key of the base class library.</summary>
    public static ECDiffieHellman ToPublicKey(ReadOnlySpan<byte> point) => ToKey(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint
        {
            X = point.Slice(1, FieldLength).ToArray(),
            Y = point.Slice(1 + FieldLength, FieldLength).ToArray(),
        },
    });

    /// <summary>A scalar or a point as a key of the base class library.</summary>
    public static ECDiffieHellman ToKey(ECParameters parameters)
    {
        ECDiffieHellman? key = null;
        CreateTestKey(parameters, ref key);
        return key ?? ECDiffieHellman.Create(parameters);
    }

    public static BigInteger Read(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    public static BigInteger Hex(string digits) => Read(Convert.FromHexString(digits));

    private static void Write(BigInteger number, Span<byte> destination)
    {
        int length = number.GetByteCount(isUnsigned: true);
        destination.Clear();
        number.TryWriteBytes(destination[(destination.Length - length)..], out _, isUnsigned: true, isBigEndian: true);
    }

    // Implemented only by tests/Windows/Curve, for a test system without ECDH. Without an implementation the compiler removes the calls.
    static partial void CreateTestKey(ECParameters parameters, ref ECDiffieHellman? key);
}
