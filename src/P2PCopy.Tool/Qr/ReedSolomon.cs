namespace P2PCopy.Tool.Qr;

/// <summary>Error correction codewords over GF(256) with the polynomial 0x11D (ISO/IEC 18004, 7.5.2).</summary>
internal static class ReedSolomon
{
    /// <summary>The remainder of the data divided by the generator of this degree.</summary>
    public static byte[] Remainder(ReadOnlySpan<byte> data, int degree)
    {
        byte[] generator = Generator(degree);
        var remainder = new byte[degree];
        foreach (byte value in data)
        {
            int factor = value ^ remainder[0];
            remainder.AsSpan(1).CopyTo(remainder);
            remainder[^1] = 0;
            for (int i = 0; i < degree; i++)
                remainder[i] ^= Multiply(generator[i], factor);
        }

        return remainder;
    }

    /// <summary>Coefficients of ∏ (x − 2^i) from the second highest power down; the highest is always 1.</summary>
    private static byte[] Generator(int degree)
    {
        var coefficients = new byte[degree];
        coefficients[^1] = 1;
        int root = 1;
        for (int i = 0; i < degree; i++)
        {
            for (int j = 0; j < degree; j++)
            {
                coefficients[j] = Multiply(coefficients[j], root);
                if (j + 1 < degree)
                    coefficients[j] ^= coefficients[j + 1];
            }

            root = Multiply(root, 2);
        }

        return coefficients;
    }

    private static byte Multiply(int x, int y)
    {
        int product = 0;
        for (int bit = 7; bit >= 0; bit--)
            product = (product << 1) ^ ((product >> 7) * 0x11D) ^ (((y >> bit) & 1) * x);
        return (byte)product;
    }
}
