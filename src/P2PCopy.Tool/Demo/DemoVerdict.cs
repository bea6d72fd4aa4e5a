namespace P2PCopy.Tool.Demo;

/// <summary>The result of comparing the sources with the copies.</summary>
/// <param name="Files">Files of the offer.</param>
/// <param name="Folders">Folders of the offer.</param>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="Same">Names and hashes of files that are identical.</param>
/// <param name="Different">Names of files that differ or cannot be read.</param>
internal sealed record DemoVerdict(
    int Files, int Folders, long Bytes, IReadOnlyList<(string Name, string Hash)> Same, IReadOnlyList<string> Different);
