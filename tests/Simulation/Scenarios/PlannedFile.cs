using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>What is at the destination of a file before the first run.</summary>
internal enum Before
{
    Nothing,

    /// <summary>The same content and time.</summary>
    Same,

    /// <summary>Other content, an earlier time.</summary>
    Older,

    /// <summary>Other content, a later time.</summary>
    Newer,

    /// <summary>Some of the same content.</summary>
    Similar,

    /// <summary>The same content with another time.</summary>
    Touched,
}

/// <summary>A file of the sender.</summary>
/// <param name="Name">Its path below the sent folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Seed">Of its content.</param>
/// <param name="Before">What the receiver has.</param>
internal sealed record PlannedFile(string Name, int Length, ulong Seed, Before Before)
{
    private static readonly string[] Folders = ["", "a/", "a/b/", "c/"];

    public static PlannedFile Draw(Chance chance, int number)
    {
        int length = chance.Below(10) switch
        {
            0 => 0,
            1 => 1,
            2 or 3 or 4 => chance.Between(2, 600),
            5 or 6 => chance.Between(600, 3000),
            7 or 8 => chance.Between(3000, 12_000),
            _ => chance.Between(12_000, 40_000),
        };
        Before before = chance.Percent(60) ? Before.Nothing
            : chance.Of(Before.Same, Before.Older, Before.Newer, Before.Similar, Before.Similar, Before.Touched);
        return new PlannedFile($"{chance.Of(Folders)}f{number}", length, chance.Next(), before);
    }

    /// <summary>The content; every version differs from every other one.</summary>
    public byte[] Content(int version = 0, int? length = null)
    {
        byte[] content = new byte[length ?? Length];
        var chance = new Chance(Seed + (ulong)version * 7919);
        chance.Fill(content);
        if (content.Length > 64 && chance.Percent(30))
            content.AsSpan(content.Length / 3, content.Length / 3).Clear(); // a part that compresses, or becomes a hole
        return content;
    }

    /// <summary>The content with a few changes, as an earlier version of a document has.</summary>
    public byte[] Variation(Chance chance)
    {
        byte[] content = Content();
        for (int edits = chance.Between(1, 4); edits > 0 && content.Length > 0; edits--)
        {
            int at = chance.Below(content.Length);
            content = chance.Below(3) switch
            {
                0 => [.. content[..at], .. content[Math.Min(content.Length, at + 100)..]],
                1 => [.. content[..at], 1, 2, 3, .. content[at..]],
                _ => [.. content[..at], (byte)(content[at] ^ 0x55), .. content[(at + 1)..]],
            };
        }

        return content;
    }
}
