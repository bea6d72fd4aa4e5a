using System.Diagnostics;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// Output that is full, closed or without a reader never stops a command. Lost lines of standard output make the exit status 1;
/// standard error says so once.
/// </summary>
public sealed class OutputFailureTests : IDisposable
{
    private const string Code = "dropb2-acorn-bamboo-cactus-dolphin";
    private const string Lost = "standard output could not be written";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(">/dev/full", "", 1, 0)]
    [InlineData("--json >/dev/full", "", 1, 0)]
    [InlineData(">/dev/full 2>&1", "", 1, 0)]
    [InlineData(">&- 2>&- <&-", "", 1, 0)]
    [InlineData("| true", "", 1, 0)]
    [InlineData("2>/dev/full", "", 0, 0)]
    [InlineData("", "--json >/dev/full", 0, 1)]
    [InlineData("", ">/dev/full 2>/dev/full", 0, 1)]
    [InlineData("", ">&- 2>&- <&-", 0, 1)]
    [InlineData("", "--json 2>&1 | true", 0, 1)]
    [InlineData("", "2>/dev/full", 0, 0)]
    public async Task A_transfer_goes_on_without_its_output(string senderOutput, string receiverOutput, int sent, int received)
    {
        SkipWithoutShell();
        for (int i = 0; i < 20; i++)
            _folder.File($"source/f{i}");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;

        Task<(int Status, string Error)> sender = RunAsync($"send '{_folder["source"]}' --relay {address}", senderOutput);
        Task<(int Status, string Error)> receiver = RunAsync($"receive '{_folder["arrived"]}' --relay {address}", receiverOutput);

        Assert.Equal((sent, received), ((await sender).Status, (await receiver).Status));
        Assert.Equal(20, Directory.GetFiles(_folder["arrived/source"]).Length);
    }

    [Theory]
    [InlineData("", "--json | sleep 25", 0, 1)]
    [InlineData("--json 2>&1 | sleep 25", "", 1, 0)]
    public async Task A_transfer_goes_on_when_the_reader_of_its_output_stops_reading(string senderOutput, string receiverOutput, int sent, int received)
    {
        SkipWithoutShell();
        const int MoreThanAPipeHolds = 600;
        for (int i = 0; i < MoreThanAPipeHolds; i++)
            _folder.File($"source/f{i}");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;

        Task<(int Status, string Error)> sender = RunAsync($"send '{_folder["source"]}' --relay {address}", senderOutput);
        Task<(int Status, string Error)> receiver = RunAsync($"receive '{_folder["arrived"]}' --relay {address}", receiverOutput);

        (int senderStatus, string senderError) = await sender;
        (int receiverStatus, string receiverError) = await receiver;
        Assert.Equal((sent, received), (senderStatus, receiverStatus));
        Assert.Equal(received, (senderError + receiverError).Split(Lost).Length - 1); // the sender's warning has the same reader
        Assert.Equal(MoreThanAPipeHolds, Directory.GetFiles(_folder["arrived/source"]).Length);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("completion bash")]
    [InlineData("send --help")]
    [InlineData("--version")]
    [InlineData("demo")]
    [InlineData("test ws://127.0.0.1:{0}")]
    public async Task Every_command_says_once_that_its_output_is_lost_and_ends_with_1(string command)
    {
        SkipWithoutShell();
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        if (command == "demo")
            command += $" '{_folder.File("sample.txt")}'";

        foreach (string output in (string[])[">/dev/full", ">&-", "| true"])
        {
            (int status, string error) = await RunAsync(command.Replace("{0}", $"{address.Port}", StringComparison.Ordinal), output);

            Assert.True(status == 1, $"{output}: {status} {error}");
            Assert.Equal(2, error.Split(Lost).Length);
        }
    }

    [Fact]
    public async Task An_error_that_cannot_be_written_keeps_its_status()
    {
        SkipWithoutShell();

        Assert.Equal(2, (await RunAsync("send", ">/dev/full 2>/dev/full")).Status);
        Assert.Equal(2, (await RunAsync("send --no-such-option", ">&- 2>&-")).Status);
        Assert.Equal(5, (await RunAsync("test ws://127.0.0.1:1", "2>/dev/full")).Status);
    }

    [Fact]
    public async Task A_json_log_whose_disk_fills_up_loses_lines_and_no_file()
    {
        SkipWithoutShell();
        for (int i = 0; i < 300; i++)
            _folder.File($"source/f{i}");
        using SmallDisk disk = SmallDisk.MountOrSkip("size=16k");
        string log = Path.Combine(disk.FullPath, "log");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;

        Task<(int Status, string Error)> sender = RunAsync($"send '{_folder["source"]}' --relay {address}", string.Empty);
        Task<(int Status, string Error)> receiver = RunAsync($"receive '{_folder["arrived"]}' --relay {address}", $"--json >'{log}'");

        Assert.Equal((0, 1), ((await sender).Status, (await receiver).Status));
        Assert.Equal(2, (await receiver).Error.Split(Lost).Length);
        Assert.Equal(300, Directory.GetFiles(_folder["arrived/source"]).Length);
    }

    [Fact]
    public async Task The_json_lines_of_a_receiver_that_writes_the_content_count_too()
    {
        SkipWithoutShell();
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;

        Task<(int Status, string Error)> sender = RunAsync($"send '{_folder.File("a.txt")}' --relay {address}", string.Empty);
        Task<(int Status, string Error)> receiver = RunAsync($"receive --stdout --relay {address}", $"--json >'{_folder["copy"]}' 2>/dev/full");

        Assert.Equal((0, 1), ((await sender).Status, (await receiver).Status));
        Assert.Equal("content", File.ReadAllText(_folder["copy"]));
    }

    [Fact]
    public async Task Content_is_neither_read_from_nor_written_to_a_descriptor_that_is_closed()
    {
        SkipWithoutShell();

        (int status, string error) = await RunAsync("send - --name x", "<&-");
        Assert.Equal((2, true), (status, error.Contains("Standard input is closed", StringComparison.Ordinal)));

        (status, error) = await RunAsync("receive --stdout --relay ws://127.0.0.1:1", ">&-");
        Assert.Equal((2, true), (status, error.Contains("Standard output is closed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_drop_box_without_output_receives_one_transfer_after_the_other()
    {
        SkipWithoutShell();
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        string pid = _folder["pid"];
        Task<(int Status, string Error)> box = RunAsync($"receive '{_folder["arrived"]}' --continuous --relay {address}", ">/dev/full 2>/dev/full", pid);
        foreach (string name in (string[])["one", "two", "three"])
            Assert.Equal(0, (await RunAsync($"send '{_folder.File(name)}' --relay {address}", string.Empty)).Status);
        ToolProcess.Signal(int.Parse(File.ReadAllText(pid), System.Globalization.CultureInfo.InvariantCulture), 15);

        Assert.Equal(1, (await box).Status);
        Assert.Equal(3, Directory.GetFiles(_folder["arrived"]).Length);
    }

    private static void SkipWithoutShell() => Assert.SkipUnless(OperatingSystem.IsLinux(), "It needs /dev/full and bash.");

    /// <summary>Runs the tool with redirections of a shell.</summary>
    private static async Task<(int Status, string Error)> RunAsync(string arguments, string output, string? pid = null)
    {
        string tool = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "p2pcopy.dll")}'";
        string exec = pid is null ? string.Empty : $"echo $$ >'{pid}'; exec ";
        var start = new ProcessStartInfo("bash", ["-c", $"{exec}{tool} {arguments} {output}; exit ${{PIPESTATUS[0]}}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["P2PCOPY_CODE"] = Code;
        start.Environment.Remove("P2PCOPY_RELAY");
        using Process process = Process.Start(start)!;
        Task<string> ignored = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        await ignored;
        return (process.ExitCode, await error);
    }
}
