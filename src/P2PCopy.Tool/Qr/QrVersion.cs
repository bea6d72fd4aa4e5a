namespace P2PCopy.Tool.Qr;

/// <summary>How much a QR code of one size holds (ISO/IEC 18004, tables 1 and 9), for versions 1 to 10.</summary>
internal sealed record QrVersion(int Number, bool Medium)
{
    private static readonly int[] TotalCodewords = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
    private static readonly int[] LowEccPerBlock = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18];
    private static readonly int[] LowBlocks = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4];
    private static readonly int[] MediumEccPerBlock = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
    private static readonly int[] MediumBlocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
    private static readonly int[][] Alignments =
    [
        [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
    ];

    public const int Largest = 10;

    /// <summary>Modules along one side.</summary>
    public int Size => (Number * 4) + 17;

    public int Codewords => TotalCodewords[Number - 1];

    public int EccPerBlock => (Medium ? MediumEccPerBlock : LowEccPerBlock)[Number - 1];

    public int Blocks => (Medium ? MediumBlocks : LowBlocks)[Number - 1];

    public int DataCodewords => Codewords - (EccPerBlock * Blocks);

    public int[] AlignmentCentres => Alignments[Number - 1];

    /// <summary>Bits that say how many bytes follow.</summary>
    public int LengthBits => Number < 10 ? 8 : 16;

    /// <summary>The smallest version for so many bytes, with medium correction where that costs no size; null when too many.</summary>
    public static QrVersion? For(int bytes)
    {
        for (int number = 1; number <= Largest; number++)
        {
            foreach (bool medium in (bool[])[true, false])
            {
                var version = new QrVersion(number, medium);
                if (4 + version.LengthBits + (bytes * 8) <= version.DataCodewords * 8)
                    return version;
            }
        }

        return null;
    }
}
