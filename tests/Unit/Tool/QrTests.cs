using System.Diagnostics;
using System.Text;
using P2PCopy.Tool.Qr;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class QrTests
{
    [Fact]
    public void Error_correction_is_that_of_the_standard()
    {
        // ISO/IEC 18004, annex I: "01234567" in version 1-M.
        byte[] data = Convert.FromHexString("10200C566180EC11EC11EC11EC11EC11");
        Assert.Equal("A524D4C1ED36C7872C55", Convert.ToHexString(ReedSolomon.Remainder(data, 10)));
    }

    [Fact]
    public void The_size_grows_with_the_text_and_ends_with_an_error()
    {
        Assert.Equal((1, true), (QrCode.Encode(new string('a', 14)).Version.Number, QrCode.Encode(new string('a', 14)).Version.Medium));
        Assert.Equal((1, false), (QrCode.Encode(new string('a', 17)).Version.Number, QrCode.Encode(new string('a', 17)).Version.Medium));
        Assert.Equal(2, QrCode.Encode(new string('a', 18)).Version.Number);
        Assert.Equal(10, QrCode.Encode(new string('a', 271)).Version.Number);
        Assert.Throws<ArgumentException>(() => QrCode.Encode(new string('a', 272)));
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("p2pcopy receive --relay ws://192.0.2.7:8765", 3)]
    [InlineData("p2pcopy receive --relay ws://[2001:db8:1234:5678:9abc:def0:1234:5678]:8765 --destination somewhere/else/there", 6)]
    public void Patterns_lie_where_readers_look_for_them(string text, int version)
    {
        QrCode code = QrCode.Encode(text);
        Assert.Equal(version, code.Version.Number);
        Assert.Equal(17 + (4 * version), code.Size);

        // The format information beside the top left finder: BCH(15,5) of level and mask, masked (7.9).
        int format = 0;
        for (int i = 0; i < 15; i++)
        {
            (int x, int y) = i switch { < 6 => (8, i), 6 => (8, 7), 7 => (8, 8), 8 => (7, 8), _ => (14 - i, 8) };
            format |= (code[x, y] ? 1 : 0) << i;
        }

        int unmasked = format ^ 0b101010000010010;
        Assert.Equal(((code.Version.Medium ? 0 : 1) << 3) | code.Mask, unmasked >> 10);
        int remainder = unmasked;
        for (int i = 14; i >= 10; i--)
            remainder ^= ((remainder >> i) & 1) * (0x537 << (i - 10));
        Assert.Equal(0, remainder);
        Assert.True(code[8, code.Size - 8]);
    }

    [Fact]
    public void A_reader_reads_what_was_written()
    {
        string? zbar = FindOnPath("zbarimg");
        Assert.SkipWhen(zbar is null, "zbarimg is not installed.");

        foreach (int length in (int[])[1, 14, 17, 40, 60, 80, 106, 134, 150, 192, 230, 271])
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(i => "ws://receive-relay:8765/ABCxyz"[i % 30]));
            string file = Path.Combine(Path.GetTempPath(), $"p2pcopy-qr-{Guid.NewGuid():N}.pgm");
            try
            {
                File.WriteAllBytes(file, Draw(QrCode.Encode(text)));
                using Process reader = Process.Start(new ProcessStartInfo(zbar!, ["-q", "--raw", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                string read = reader.StandardOutput.ReadToEnd();
                reader.WaitForExit();
                Assert.Equal(text, read.TrimEnd('\n'));
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    private static byte[] Draw(QrCode code)
    {
        const int Scale = 4, Quiet = 4;
        int side = (code.Size + (2 * Quiet)) * Scale;
        var pixels = new byte[side * side];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                int mx = (x / Scale) - Quiet, my = (y / Scale) - Quiet;
                bool dark = mx >= 0 && my >= 0 && mx < code.Size && my < code.Size && code[mx, my];
                pixels[(y * side) + x] = dark ? (byte)0 : (byte)255;
            }
        }

        return [.. Encoding.ASCII.GetBytes($"P5 {side} {side} 255\n"), .. pixels];
    }

    private static string? FindOnPath(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
