using System.Diagnostics;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Deployment;

/// <summary>The systemd units: what systemd says about them, and their command lines as processes.</summary>
public sealed partial class UnitFileTests : IDisposable
{
    private const string Relay = "p2pcopy-relay.service";
    private const string Socket = "p2pcopy-relay.socket";
    private const string DropBox = "p2pcopy-dropbox.service";
    private const string Code = "units1-acorn-bamboo-cactus-dolphin";
    private const string Tool = "/opt/p2pcopy/p2pcopy";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(Relay)]
    [InlineData(Socket)]
    [InlineData(DropBox)]
    public async Task Systemd_finds_nothing_wrong(string unit)
    {
        string analyze = Daemon.Find("systemd-analyze");
        string file = _folder[unit];
        foreach (string each in (string[])[Relay, Socket, DropBox])
            File.WriteAllText(_folder[each], Unit(each).Replace(Tool, "/bin/true", StringComparison.Ordinal));

        var start = new ProcessStartInfo(analyze, ["verify", "--man=no", "--recursive-errors=no", file]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0 && !said.Contains(unit, StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData(Relay)]
    [InlineData(DropBox)]
    public void No_secret_is_on_a_command_line(string unit)
        => Assert.DoesNotMatch("--(code|token|proxy-credential)[ =]", Unit(unit));

    [Fact]
    public async Task SIGTERM_ends_the_relay_of_the_unit_with_0_within_its_time()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        await using ToolProcess relay = ToolProcess.Start(null, [.. Command(Relay).Select(a => a is "systemd" or "127.0.0.1:9090" ? "127.0.0.1:0" : a)]);
        await relay.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal));

        await TerminateAsync(relay, Relay);
    }

    [Fact]
    public async Task SIGTERM_ends_the_drop_box_of_the_unit_with_0_within_its_time_and_its_transfer_well()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--quiet");
        await using ToolProcess relayEnd = relay;
        string code = _folder.File("code", Code + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(code, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] command = [.. Command(DropBox).Select(a => a.Replace("%d", _folder.FullPath, StringComparison.Ordinal).Replace("%S", _folder.FullPath, StringComparison.Ordinal))];
        await using ToolProcess box = ToolProcess.Start(null, [.. command, "--relay", address.AbsoluteUri]);
        await box.WaitForEventAsync("waiting");
        byte[] content = new byte[2 << 20];
        Random.Shared.NextBytes(content);
        Task<TransferReport> sender = P2PTransfer.SendAsync(
            new SendOptions { Paths = [Write("payload", content)], Code = PairingCode.Parse(Code), Relays = [address], SenderName = "unit", BandwidthLimit = 1 << 20 },
            cancellationToken: TestContext.Current.CancellationToken);
        await box.WaitForEventAsync("offer");

        await TerminateAsync(box, DropBox);

        Assert.True((await sender).Succeeded);
        Assert.Equal(content, File.ReadAllBytes(_folder["p2pcopy-dropbox/unit/payload"]));
        Assert.True(box.HasSaid("stopped"), box.Said);
    }

    public void Dispose() => _folder.Dispose();

    private static string Unit(string name) => Daemon.DeployFile("systemd/" + name);

    /// <summary>The arguments of the tool in <c>ExecStart</c>.</summary>
    private static string[] Command(string unit)
    {
        string[] words = ExecStart().Match(Unit(unit)).Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Tool, words[0]);
        return words[1..];
    }

    private static async Task TerminateAsync(ToolProcess process, string unit)
    {
        var within = TimeSpan.FromSeconds(int.Parse(TimeoutStop().Match(Unit(unit)).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        process.Terminate();
        Assert.True(await process.WaitAsync(within) == 0, process.Said);
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder[name], content);
        return _folder[name];
    }

    [GeneratedRegex("^ExecStart=(.+)$", RegexOptions.Multiline)]
    private static partial Regex ExecStart();

    [GeneratedRegex("^TimeoutStopSec=([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex TimeoutStop();
}
