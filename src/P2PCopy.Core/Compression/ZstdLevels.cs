namespace P2PCopy.Compression;

/// <summary>The useful levels of Zstandard, for every implementation.</summary>
internal static class ZstdLevels
{
    public static IReadOnlyList<CodecLevel> All { get; } =
    [
        new(1, 350e6, 1.0),
        new(3, 180e6, 0.91),
        new(6, 70e6, 0.87),
    ];
}
