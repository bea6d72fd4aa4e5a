using System.Globalization;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// A standing receiver and its senders as processes. The long version is
/// <c>P2PCOPY_DROPBOX_TRANSFERS=500 dotnet test --filter-class "*DropBoxTests"</c>.
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
        output.WriteLine($"{run.Good} arrived, {run.Wrong} had a wrong code, {run.Killed} were killed; receiver: {string.Join(", ", run.Box)}; relay: {string.Join(", ", run.Relay)}.");
        foreach (List<ProcessSize> sizes in (List<ProcessSize>[])[run.Box, run.Relay])
        {
            (ProcessSize first, ProcessSize last) = (sizes[0], sizes[^1]);
            Assert.True(last.Handles <= first.Handles + 4, $"Handles grew: {string.Join(", ", sizes)}");
            Assert.True(last.Threads <= first.Threads + 8, $"Threads grew: {string.Join(", ", sizes)}");
            Assert.True(last.Resident <= first.Resident + (48 << 20), $"Memory grew: {string.Join(", ", sizes)}");
        }
    }
}
