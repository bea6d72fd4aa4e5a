using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>A tree of 2,000 files with everything that makes trees hard to copy.</summary>
internal static class AwkwardTree
{
    public const int FileCount = 2000;

    private static readonly int[] Modes = [0x1ED, 0x100, 0x16D, 0x1A4, 0x180]; // 0755, 0400, 0555, 0644, 0600

    public static readonly string[] Names =
    [
        "a", "B", "ü", "日", "😀.txt", "cafe\u0301", "caf\u00e9", new string('n', 255), new string('ü', 127) + "z",
        "br[1].txt", "br*.txt", "q?.txt", "{a,b}", "$HOME", "`x`", "%41", "#", "&;|<>", "~", "@file", "quote\"s", "it's",
        @"a\b", "10:00.log", "x:stream", "nul", "CON", "-rf", "--help", "-", "trailing ", "trailing.", " leading", " ",
        "new\nline", "tab\tname", "\u0001control", "\u007Fdelete", "\u202Ebidi", "...", "..a", ".p2ppart", "READme", "readME",
    ];

    public static void Create(string root)
    {
        var random = new Random(2000);
        Directory.CreateDirectory(root);
        int files = 0;
        foreach (string name in Names)
            Write(name);
        for (int folder = 0; files < FileCount; folder++)
        {
            string inside = $"d{folder}/sub [{folder}]";
            Directory.CreateDirectory(Path.Combine(root, inside));
            for (int i = 0; i < 47 && files < FileCount; i++)
                Write($"{inside}/ü-{i}.bin");
        }

        Directory.CreateDirectory(Path.Combine(root, "empty/a/b/c"));
        Directory.CreateDirectory(Path.Combine(root, "empty/ü [x]/ "));
        Directory.CreateDirectory(Path.Combine(root, "-d"));
        Link("link", "a");
        Link("d0/up", "../br[1].txt");
        Link("folder", "d1");
        Link("d1/sub [1]/dangling", "nowhere");

        // Last, since writing into a folder changes its time; and from below, since a mode may forbid it.
        string[] folders = [.. Directory.GetDirectories(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })];
        foreach ((int i, string folder) in folders.OrderByDescending(f => f.Length).Index())
        {
            Directory.SetLastWriteTimeUtc(folder, new DateTime(1999, 12, 31, 23, 0, i % 60, DateTimeKind.Utc));
            TemporaryFolder.SetMode(folder, i % 3 == 0 ? 0x16D : 0x1ED);
        }

        Directory.SetLastWriteTimeUtc(root, new DateTime(1985, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        void Write(string name)
        {
            byte[] content = new byte[files % 3 == 0 ? 0 : random.Next(files % 97 == 0 ? 400_000 : 4000)];
            random.NextBytes(content);
            string path = Path.Combine(root, name);
            File.WriteAllBytes(path, content);

            // From the first second of Unix time on, with parts of a second.
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(files * 10).AddTicks(files * 1234567));
            TemporaryFolder.SetMode(path, Modes[files % Modes.Length]);
            files++;
        }

        void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(root, name), target);
    }
}
