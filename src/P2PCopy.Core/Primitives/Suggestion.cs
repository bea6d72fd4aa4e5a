namespace P2PCopy.Primitives;

/// <summary>Finds the name that a mistyped one may stand for.</summary>
internal static class Suggestion
{
    private const int MostEdits = 2;

    /// <summary>The nearest of the names, or null if none is near.</summary>
    /// <param name="typed">The mistyped name.</param>
    /// <param name="names">The names that exist.</param>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        // Short names are near to everything.
        int limit = Math.Min(MostEdits, (typed.TrimStart('-').Length + 1) / 3);
        return names
            .Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(n => n.Distance <= limit || (typed.Length >= 4 && n.Name.StartsWith(typed, StringComparison.Ordinal)))
            .OrderBy(n => n.Distance)
            .ThenBy(n => n.Name, StringComparer.Ordinal)
            .Select(n => n.Name)
            .FirstOrDefault();
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }

                int substituted = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(substituted, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[a.Length, b.Length];
    }
}
