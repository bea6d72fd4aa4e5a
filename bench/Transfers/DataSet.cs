using System.Text;

namespace P2PCopy.Bench.Transfers;

/// <summary>Content to transfer, the same bytes in every run.</summary>
/// <param name="Name">Also the name of what arrives.</param>
/// <param name="Make">Makes it in a folder and gives its path.</param>
internal sealed record DataSet(string Name, Func<string, Settings, string> Make)
{
    private const int MiB = 1 << 20;

    public static readonly DataSet Random = new("random", (folder, s) => WriteFile(folder, "random.bin", s.MiB, (_, piece, random) => random.NextBytes(piece)));

    public static readonly DataSet Text = new("text", (folder, s) => WriteFile(folder, "text.log", s.MiB, (_, piece, random) => FillText(piece, random)));

    /// <summary>As in a tar of logs and pictures: 8 MiB of text, 8 MiB of random bytes, and so on.</summary>
    public static readonly DataSet Alternating = new("alternating", (folder, s) => WriteFile(folder, "alternating.tar", s.MiB / 4, FillAlternating));

    /// <summary>An eighth as much: enough for a link that is the limit.</summary>
    public static readonly DataSet RandomForLink = new("random-link", (folder, s) => WriteFile(folder, "random.bin", s.MiB / 8, (_, piece, random) => random.NextBytes(piece)));

    /// <summary>A quarter as much.</summary>
    public static readonly DataSet RandomForLinks = new("random-links", (folder, s) => WriteFile(folder, "random.bin", s.MiB / 4, (_, piece, random) => random.NextBytes(piece)));

    /// <inheritdoc cref="RandomForLinks"/>
    public static readonly DataSet TextForLink = new("text-link", (folder, s) => WriteFile(folder, "text.log", s.MiB / 4, (_, piece, random) => FillText(piece, random)));

    public static readonly DataSet Tiny = new("tiny", (folder, _) =>
    {
        string path = Path.Combine(folder, "tiny.txt");
        File.WriteAllText(path, "One small file.\n");
        return path;
    });

    /// <summary>10,000 files of 1 to 16 KiB in 100 folders, half of them text.</summary>
    public static readonly DataSet Small = new("small", (folder, _) => MakeSmall(Path.Combine(folder, "small"), 100, 100));

    /// <summary>Text, random bytes and 2,000 small files in one folder.</summary>
    public static readonly DataSet Mixed = new("mixed", (folder, s) =>
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, "mixed")).FullName;
        WriteFile(root, "text.log", s.MiB / 4, (_, piece, random) => FillText(piece, random));
        WriteFile(root, "random.bin", s.MiB / 4, (_, piece, random) => random.NextBytes(piece));
        MakeSmall(Path.Combine(root, "small"), 20, 100);
        return root;
    });

    /// <summary>20 GiB that take no room, at either end.</summary>
    public static readonly DataSet Sparse = new("sparse", (folder, s) =>
    {
        string path = Path.Combine(folder, "sparse.bin");
        using FileStream file = File.Create(path);
        file.SetLength(20L * s.MiB * MiB);
        return path;
    });

    public bool Equals(DataSet? other) => other is not null && Name == other.Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    private static string WriteFile(string folder, string name, int mib, Action<int, byte[], Random> fill)
    {
        string path = Path.Combine(folder, name);
        var random = new Random(mib);
        byte[] piece = new byte[MiB];
        using FileStream file = File.Create(path);
        for (int i = 0; i < mib; i++)
        {
            fill(i, piece, random);
            file.Write(piece);
        }

        return path;
    }

    private static void FillAlternating(int index, byte[] piece, Random random)
    {
        if (index / 8 % 2 == 0)
            FillText(piece, random);
        else
            random.NextBytes(piece);
    }

    /// <summary>Lines as a web server writes them: times and numbers differ, words come again.</summary>
    private static void FillText(byte[] piece, Random random)
    {
        ReadOnlySpan<string> levels = ["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"];
        ReadOnlySpan<string> paths = ["/api/v2/orders", "/api/v2/orders/items", "/login", "/static/app.js", "/health", "/api/v2/customers", "/search"];
        ReadOnlySpan<string> sources = ["http.server", "db.pool", "auth", "scheduler", "cache.redis"];
        var line = new StringBuilder(200);
        DateTime time = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (int at = 0; at < piece.Length;)
        {
            time = time.AddMilliseconds(random.Next(40));
            line.Clear();
            line.Append(System.Globalization.CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss.fff}Z {levels[random.Next(levels.Length)]} [{sources[random.Next(sources.Length)]}] request={random.Next():x8} GET {paths[random.Next(paths.Length)]}?id={random.Next(100000)} status={(random.Next(20) == 0 ? 500 : 200)} bytes={random.Next(50000)} took={random.Next(900)}ms\n");
            foreach (ReadOnlyMemory<char> part in line.GetChunks())
                at += Encoding.ASCII.GetBytes(part.Span[..Math.Min(part.Length, piece.Length - at)], piece.AsSpan(at));
        }
    }

    private static string MakeSmall(string root, int folders, int filesInEach)
    {
        var random = new Random(folders);
        byte[] text = new byte[MiB];
        FillText(text, random);
        for (int i = 0; i < folders; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, $"folder{i:000}")).FullName;
            for (int k = 0; k < filesInEach; k++)
            {
                byte[] content = new byte[random.Next(1 << 10, (16 << 10) + 1)];
                if (k % 2 == 0)
                    text.AsSpan(random.Next(text.Length - content.Length), content.Length).CopyTo(content);
                else
                    random.NextBytes(content);
                File.WriteAllBytes(Path.Combine(folder, $"file{k:000}.dat"), content);
            }
        }

        return root;
    }
}
