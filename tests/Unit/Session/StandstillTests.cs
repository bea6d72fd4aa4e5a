namespace P2PCopy.Tests.Unit.Session;

/// <summary>How long a copy stands still when one of four connections becomes silent or slow, whichever it is and whenever that happens.</summary>
public sealed class StandstillTests
{
    private const int Seeds = 400;

    [Theory]
    [InlineData(6, 1, true)] // chunks of 4 MiB at 4 MiB/s
    [InlineData(6, 1, false)]
    [InlineData(24, 0.25, true)]
    [InlineData(24, 0.25, false)]
    [InlineData(48, 0.125, true)]
    [InlineData(48, 0.125, false)]
    public void A_copy_stands_still_for_less_than_three_seconds_and_loses_no_more_against_three_connections(int window, double seconds, bool isSilent)
    {
        int chunks = (int)(15 / seconds);
        double alone = new FailingConnection(new Random(0), window, seconds, chunks, connections: 3).Run().Seconds;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            FailingConnection copy = new FailingConnection(new Random(seed), window, seconds, chunks, isSilent: isSilent).Run();
            Assert.True(copy.Longest < 3, $"seed {seed}: {copy.Longest:0.00} s;{copy.Story}");
            Assert.True(copy.Seconds < alone + 3, $"seed {seed}: {copy.Seconds:0.00} s, {alone:0.00} s with three connections;{copy.Story}");
        }
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(24, 0.25)]
    public void Connections_that_are_well_are_kept_and_send_nothing_twice(int window, double seconds)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            FailingConnection copy = new FailingConnection(new Random(seed), window, seconds, (int)(15 / seconds), isSilent: null).Run();
            Assert.True(copy.Repeated == 0, $"seed {seed}: {copy.Repeated} chunks twice;{copy.Story}");
        }
    }
}
