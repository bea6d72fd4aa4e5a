using System.Globalization;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// Processes killed at random moments. A few seeds in every run of the tests; the long version is
/// <c>P2PCOPY_KILL_SEEDS=200 dotnet test --filter-class "*KillTests"</c> (<c>first-last</c> names a range).
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int ShortSeeds = 3;

    public static TheoryData<int> Seeds
    {
        get
        {
            string[] range = (Environment.GetEnvironmentVariable("P2PCOPY_KILL_SEEDS") ?? "").Split('-', StringSplitOptions.RemoveEmptyEntries);
            int[] bounds = Array.ConvertAll(range, text => int.Parse(text, CultureInfo.InvariantCulture));
            (int first, int last) = bounds switch
            {
                [] => (1, ShortSeeds),
                [var count] => (1, count),
                [var from, var to, ..] => (from, to),
            };
            return [.. Enumerable.Range(first, last - first + 1)];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whoever_is_killed_and_started_again_every_file_arrives_and_none_is_ever_half_new(int seed)
    {
        await using var run = new KillRun(seed);
        await run.RunAsync();
        output.WriteLine($"Seed {seed}: {run.Kills} kills, {run.Excess} bytes beyond the content: {run.Deeds}.");
    }
}
