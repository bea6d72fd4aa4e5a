namespace P2PCopy.Bench.Transfers;

/// <summary>The middle of some figures and how far they lie apart.</summary>
internal static class Median
{
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static string WithSpread(IReadOnlyCollection<double> values) => $"{Of(values):0.00} ({values.Min():0.00}–{values.Max():0.00})";
}
