using System.Text;

namespace P2PCopy.Tool.Qr;

/// <summary>Draws a QR code with half blocks, two modules in a character.</summary>
internal static class QrText
{
    private const int QuietZone = 2;

    /// <summary>
    /// The code as lines, light on dark: a terminal usually has a dark background, so the light modules are the ones that
    /// are painted.
    /// </summary>
    public static string Render(QrCode code)
    {
        var text = new StringBuilder();
        for (int y = -QuietZone; y < code.Size + QuietZone; y += 2)
        {
            if (y > -QuietZone)
                text.AppendLine();
            for (int x = -QuietZone; x < code.Size + QuietZone; x++)
                text.Append((IsLight(code, x, y), IsLight(code, x, y + 1)) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
        }

        return text.ToString();
    }

    private static bool IsLight(QrCode code, int x, int y)
        => y < code.Size + QuietZone && (x < 0 || y < 0 || x >= code.Size || y >= code.Size || !code[x, y]);
}
