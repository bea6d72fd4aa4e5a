using System.Text;

namespace P2PCopy.Tool.Qr;

/// <summary>A QR code (ISO/IEC 18004) of a short text: byte mode, versions 1 to 10, correction L or M.</summary>
internal sealed class QrCode
{
    private readonly bool[,] _dark;

    private QrCode(QrVersion version, int mask, bool[,] dark)
    {
        Version = version;
        Mask = mask;
        _dark = dark;
    }

    public QrVersion Version { get; }

    /// <summary>The mask pattern, 0 to 7.</summary>
    public int Mask { get; }

    public int Size => Version.Size;

    public bool this[int x, int y] => _dark[x, y];

    /// <summary>Encodes a text as UTF-8.</summary>
    /// <exception cref="ArgumentException">It is longer than 271 bytes.</exception>
    public static QrCode Encode(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        QrVersion version = QrVersion.For(bytes.Length)
            ?? throw new ArgumentException($"A QR code here holds at most 271 bytes, not {bytes.Length}.", nameof(text));
        byte[] codewords = Interleave(version, Data(version, bytes));

        QrMatrix? best = null;
        int bestPenalty = int.MaxValue;
        for (int mask = 0; mask < 8; mask++)
        {
            var matrix = new QrMatrix(version, codewords, mask);
            int penalty = QrPenalty.Of(matrix.Dark);
            if (penalty < bestPenalty)
                (best, bestPenalty) = (matrix, penalty);
        }

        return new QrCode(version, best!.Mask, best.Dark);
    }

    /// <summary>Mode, length, content, terminator and padding (7.4).</summary>
    private static byte[] Data(QrVersion version, byte[] content)
    {
        var data = new byte[version.DataCodewords];
        int position = 0;
        Append(0b0100, 4);
        Append(content.Length, version.LengthBits);
        foreach (byte value in content)
            Append(value, 8);
        Append(0, Math.Min(4, (data.Length * 8) - position));
        position = (position + 7) / 8 * 8;
        for (int pad = 0xEC; position < data.Length * 8; pad ^= 0xEC ^ 0x11)
            Append(pad, 8);
        return data;

        void Append(int value, int bits)
        {
            for (int bit = bits - 1; bit >= 0; bit--, position++)
                data[position / 8] |= (byte)(((value >> bit) & 1) << (7 - (position % 8)));
        }
    }

    /// <summary>Cuts the data into blocks, adds each one's correction and interleaves them (7.6).</summary>
    private static byte[] Interleave(QrVersion version, byte[] data)
    {
        int shortLength = data.Length / version.Blocks;
        int shortBlocks = version.Blocks - (data.Length % version.Blocks);
        var blocks = new List<(byte[] Data, byte[] Ecc)>();
        for (int i = 0, at = 0; i < version.Blocks; i++)
        {
            byte[] block = data[at..(at += shortLength + (i < shortBlocks ? 0 : 1))];
            blocks.Add((block, ReedSolomon.Remainder(block, version.EccPerBlock)));
        }

        var result = new List<byte>(version.Codewords);
        for (int i = 0; i <= shortLength; i++)
            result.AddRange(blocks.Where(b => i < b.Data.Length).Select(b => b.Data[i]));
        for (int i = 0; i < version.EccPerBlock; i++)
            result.AddRange(blocks.Select(b => b.Ecc[i]));
        return [.. result];
    }
}
