using System.Numerics;
using System.Security.Cryptography;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// P-256 in plain arithmetic, for tests on systems whose ECDH is incomplete. It is compiled into Core only with
/// <c>-p:TestCurve=true</c>, never into a package: its running time depends on the secret.
/// </summary>
internal static partial class P256
{
    private static readonly BigInteger Order = Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    private static readonly BigInteger BaseX = Hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    private static readonly BigInteger BaseY = Hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    static partial void CreateTestKey(ECParameters parameters, ref ECDiffieHellman? key) => key = new TestCurve(parameters);

    /// <summary>A key whose operations are those below.</summary>
    private sealed class TestCurve : ECDiffieHellman
    {
        private readonly BigInteger? _scalar;
        private readonly (BigInteger X, BigInteger Y) _point;

        public TestCurve(ECParameters parameters)
        {
            if (parameters.Q.X is { } x)
            {
                _point = (Read(x), Read(parameters.Q.Y));
                if (Reduce(_point.Y * _point.Y) != CurveEquation(_point.X))
                    throw new CryptographicException("The point is not on the curve.");
                return;
            }

            _scalar = parameters.D is { } given ? Read(given) : Read(RandomNumberGenerator.GetBytes(40)) % (Order - 1) + 1;
            _point = Multiply(_scalar.Value, (BaseX, BaseY));
        }

        public override ECDiffieHellmanPublicKey PublicKey => new TestPoint(_point);

        public override byte[] DeriveRawSecretAgreement(ECDiffieHellmanPublicKey otherPartyPublicKey)
        {
            ECPoint other = otherPartyPublicKey.ExportParameters().Q;
            byte[] x = new byte[FieldLength];
            Write(Multiply(_scalar!.Value, (Read(other.X), Read(other.Y))).X, x);
            return x;
        }

        public override ECParameters ExportParameters(bool includePrivateParameters)
            => new() { Curve = ECCurve.NamedCurves.nistP256, Q = ToPoint(_point) };

        private static (BigInteger X, BigInteger Y) Multiply(BigInteger scalar, (BigInteger X, BigInteger Y) point)
        {
            // Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity.
            (BigInteger X, BigInteger Y, BigInteger Z) sum = (1, 1, 0);
            for (int bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
            {
                sum = Double(sum);
                if (!((scalar >> bit) & 1).IsZero)
                    sum = Add(sum, point);
            }

            BigInteger inverse = Invert(sum.Z);
            BigInteger square = Reduce(inverse * inverse);
            return (Reduce(sum.X * square), Reduce(sum.Y * Reduce(square * inverse)));
        }

        private static (BigInteger X, BigInteger Y, BigInteger Z) Double((BigInteger X, BigInteger Y, BigInteger Z) p)
        {
            BigInteger squareY = Reduce(p.Y * p.Y);
            BigInteger squareZ = Reduce(p.Z * p.Z);
            BigInteger s = Reduce(4 * p.X * squareY);
            BigInteger m = Reduce(3 * (p.X - squareZ) * (p.X + squareZ));
            BigInteger x = Reduce(m * m - 2 * s);
            return (x, Reduce(m * (s - x) - 8 * squareY * squareY), Reduce(2 * p.Y * p.Z));
        }

        private static (BigInteger X, BigInteger Y, BigInteger Z) Add((BigInteger X, BigInteger Y, BigInteger Z) p, (BigInteger X, BigInteger Y) q)
        {
            if (p.Z.IsZero)
                return (q.X, q.Y, 1);
            BigInteger squareZ = Reduce(p.Z * p.Z);
            BigInteger h = Reduce(q.X * squareZ - p.X);
            BigInteger r = Reduce(q.Y * squareZ * p.Z - p.Y);
            if (h.IsZero)
                return r.IsZero ? Double(p) : (1, 1, 0);
            BigInteger squareH = Reduce(h * h);
            BigInteger cubeH = Reduce(squareH * h);
            BigInteger v = Reduce(p.X * squareH);
            BigInteger x = Reduce(r * r - cubeH - 2 * v);
            return (x, Reduce(r * (v - x) - p.Y * cubeH), Reduce(p.Z * h));
        }

        private static ECPoint ToPoint((BigInteger X, BigInteger Y) point)
        {
            byte[] encoded = Encode(point.X, point.Y);
            return new ECPoint { X = encoded[1..(1 + FieldLength)], Y = encoded[(1 + FieldLength)..] };
        }

        private sealed class TestPoint((BigInteger X, BigInteger Y) point) : ECDiffieHellmanPublicKey
        {
            public override ECParameters ExportParameters() => new() { Curve = ECCurve.NamedCurves.nistP256, Q = ToPoint(point) };
        }
    }
}
