namespace P2PCopy.Tool.Qr;

/// <summary>Draws the modules of a QR code: function patterns, codewords and one mask (ISO/IEC 18004, 6.3 and 7.7 to 7.10).</summary>
internal sealed class QrMatrix
{
    private readonly QrVersion _version;
    private readonly bool[,] _isFunction;

    public QrMatrix(QrVersion version, byte[] codewords, int mask)
    {
        _version = version;
        Mask = mask;
        Dark = new bool[version.Size, version.Size];
        _isFunction = new bool[version.Size, version.Size];
        DrawTiming();
        DrawFinders();
        DrawAlignments();
        DrawVersion();
        DrawFormat();
        DrawCodewords(codewords);
    }

    public int Mask { get; }

    public bool[,] Dark { get; }

    private void Function(int x, int y, bool dark)
    {
        Dark[x, y] = dark;
        _isFunction[x, y] = true;
    }

    private void DrawTiming()
    {
        for (int i = 0; i < _version.Size; i++)
        {
            Function(6, i, i % 2 == 0);
            Function(i, 6, i % 2 == 0);
        }
    }

    private void DrawFinders()
    {
        int last = _version.Size - 4;
        foreach ((int cx, int cy) in ((int, int)[])[(3, 3), (last, 3), (3, last)])
        {
            for (int dy = -4; dy <= 4; dy++)
            {
                for (int dx = -4; dx <= 4; dx++)
                {
                    int x = cx + dx, y = cy + dy, distance = Math.Max(Math.Abs(dx), Math.Abs(dy));
                    if (x >= 0 && x < _version.Size && y >= 0 && y < _version.Size)
                        Function(x, y, distance is not (2 or 4));
                }
            }
        }
    }

    private void DrawAlignments()
    {
        int[] centres = _version.AlignmentCentres;
        int last = centres.Length - 1;
        for (int i = 0; i <= last; i++)
        {
            for (int j = 0; j <= last; j++)
            {
                if ((i, j) == (0, 0) || (i, j) == (0, last) || (i, j) == (last, 0))
                    continue;

                for (int dy = -2; dy <= 2; dy++)
                {
                    for (int dx = -2; dx <= 2; dx++)
                        Function(centres[i] + dx, centres[j] + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) != 1);
                }
            }
        }
    }

    private void DrawFormat()
    {
        int data = ((_version.Medium ? 0 : 1) << 3) | Mask;
        int remainder = data;
        for (int i = 0; i < 10; i++)
            remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537);
        int bits = ((data << 10) | remainder) ^ 0x5412;

        for (int i = 0; i <= 5; i++)
            Function(8, i, Bit(bits, i));
        Function(8, 7, Bit(bits, 6));
        Function(8, 8, Bit(bits, 7));
        Function(7, 8, Bit(bits, 8));
        for (int i = 9; i < 15; i++)
            Function(14 - i, 8, Bit(bits, i));

        int size = _version.Size;
        for (int i = 0; i < 8; i++)
            Function(size - 1 - i, 8, Bit(bits, i));
        for (int i = 8; i < 15; i++)
            Function(8, size - 15 + i, Bit(bits, i));
        Function(8, size - 8, true);
    }

    private void DrawVersion()
    {
        if (_version.Number < 7)
            return;

        int remainder = _version.Number;
        for (int i = 0; i < 12; i++)
            remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1F25);
        int bits = (_version.Number << 12) | remainder;
        for (int i = 0; i < 18; i++)
        {
            int a = _version.Size - 11 + (i % 3), b = i / 3;
            Function(a, b, Bit(bits, i));
            Function(b, a, Bit(bits, i));
        }
    }

    /// <summary>Two columns at a time from the right, up and down in turn, around the functions; then the mask.</summary>
    private void DrawCodewords(byte[] codewords)
    {
        int size = _version.Size, bit = 0;
        for (int right = size - 1; right >= 1; right -= 2)
        {
            if (right == 6)
                right = 5;

            for (int step = 0; step < size; step++)
            {
                for (int j = 0; j < 2; j++)
                {
                    int x = right - j;
                    int y = ((right + 1) & 2) == 0 ? size - 1 - step : step;
                    if (_isFunction[x, y])
                        continue;

                    bool dark = bit < codewords.Length * 8 && Bit(codewords[bit / 8], 7 - (bit % 8));
                    bit++;
                    Dark[x, y] = dark ^ IsMasked(x, y);
                }
            }
        }
    }

    private bool IsMasked(int x, int y) => Mask switch
    {
        0 => (x + y) % 2 == 0,
        1 => y % 2 == 0,
        2 => x % 3 == 0,
        3 => (x + y) % 3 == 0,
        4 => ((x / 3) + (y / 2)) % 2 == 0,
        5 => (x * y % 2) + (x * y % 3) == 0,
        6 => ((x * y % 2) + (x * y % 3)) % 2 == 0,
        _ => (((x + y) % 2) + (x * y % 3)) % 2 == 0,
    };

    private static bool Bit(int value, int index) => ((value >> index) & 1) != 0;
}
