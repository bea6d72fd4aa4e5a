using System.Globalization;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// A standing receiver and its senders as processes. The long version is
/// <c>P2PCOPY_DROPBOX_TRANSFERS=100 dotnet test --filter-class "*DropBoxTests"</c>.
/// </summary>
public sealed class DropBoxTests(ITestOutputHelper output)
{
    private const int ShortRun = 8;

    [Fact]
    public async Task Senders_come_and_fail_and_are_killed_and_all_others_arrive()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Handles and memory are read from /proc.");
        int transfers = int.Parse(Environment.GetEnvironmentVariable("P2PCOPY_DROPBOX_TRANSFERS") ?? $"{ShortRun}", CultureInfo.InvariantCulture);
        await using var run = new DropBoxRun(transfers);

        await run.RunAsync();

        run.AssertArrived();
        run.AssertLog();
        output.WriteLine($"{run.Good} arrived, {run.Wrong} had a wrong code, {run.Killed} were killed; handles and resident bytes: {string.Join(", ", run.Sizes)}.");
        Assert.True(run.Sizes[^1].Handles <= run.Sizes[0].Handles + 4, $"Handles grew: {string.Join(", ", run.Sizes)}");
        Assert.True(run.Sizes[^1].Resident <= run.Sizes[0].Resident + (64 << 20), $"Memory grew: {string.Join(", ", run.Sizes)}");
    }
}
