namespace P2PCopy.Tool.Qr;

/// <summary>How hard a masked symbol is to read (ISO/IEC 18004, 7.8.3); the mask with the least is used.</summary>
internal static class QrPenalty
{
    private static readonly bool[] FinderLike = [true, false, true, true, true, false, true];

    public static int Of(bool[,] dark)
    {
        int size = dark.GetLength(0), penalty = 0, darkCount = 0;
        for (int a = 0; a < size; a++)
        {
            int line = a;
            penalty += Line(size, i => dark[i, line]) + Line(size, i => dark[line, i]);
            for (int b = 0; b < size; b++)
            {
                if (dark[a, b])
                    darkCount++;
                if (a > 0 && b > 0 && dark[a, b] == dark[a - 1, b] && dark[a, b] == dark[a, b - 1] && dark[a, b] == dark[a - 1, b - 1])
                    penalty += 3;
            }
        }

        int percent20 = Math.Abs((darkCount * 20) - (size * size * 10));
        return penalty + (10 * (((percent20 + (size * size) - 1) / (size * size)) - 1));
    }

    private static int Line(int size, Func<int, bool> dark)
    {
        int penalty = 0;
        for (int start = 0; start < size;)
        {
            int end = start + 1;
            while (end < size && dark(end) == dark(start))
                end++;
            if (end - start >= 5)
                penalty += end - start - 2;
            start = end;
        }

        for (int start = -4; start < size - 2; start++)
        {
            if (!Matches(start))
                continue;
            if (IsLight(start - 4, start) || IsLight(start + 7, start + 11))
                penalty += 40;
        }

        return penalty;

        bool Matches(int start)
        {
            for (int i = 0; i < FinderLike.Length; i++)
            {
                int at = start + i;
                if ((at >= 0 && at < size && dark(at)) != FinderLike[i])
                    return false;
            }

            return true;
        }

        // Outside the symbol is the quiet zone, which is light.
        bool IsLight(int from, int to)
        {
            for (int at = from; at < to; at++)
            {
                if (at >= 0 && at < size && dark(at))
                    return false;
            }

            return true;
        }
    }
}
