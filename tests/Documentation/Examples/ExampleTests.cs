using System.Globalization;
using System.Text.Json;
using P2PCopy.Tests.Cmdlets;
using P2PCopy.Tests.Deployment;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Documentation.Examples;

/// <summary>Runs the programs of <c>examples/</c> unchanged.</summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private const string Code = "exampl-acorn-bamboo-cactus-dolphin";

    private readonly TemporaryFolder _folder = new();
    private RelayServer _relay = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The scripts want a Unix shell.");
        _relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_tasks_of_a_batch_job_all_get_into_the_drop_box_which_runs_a_command_for_each()
    {
        for (int task = 0; task < 3; task++)
            _folder.File($"results/{task}/out.txt", $"of task {task}");
        using ExampleRun box = Start("nightly-drop-box.sh", _folder["box"], "sh", "-c", $"echo \"$1 $2\" >> '{_folder["hooks"]}'", "hook");
        ExampleRun[] tasks = [.. Enumerable.Range(0, 3).Select(task => ExampleRun.Start("batch-job.sh", [], [.. Environment, ("SLURM_ARRAY_TASK_ID", $"{task}"), ("RESULTS", _folder["results"])]))];

        foreach (ExampleRun task in tasks)
        {
            (int status, _, string error) = await task.WaitAsync();
            Assert.True(status == 0, error);
            task.Dispose();
        }

        while (!File.Exists(_folder["hooks"]) || File.ReadAllLines(_folder["hooks"]).Length < 3)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Signals.Terminate(box.Id);
        (int boxStatus, _, string log) = await box.WaitAsync();
        Assert.True(boxStatus == 0, log);
        Assert.Equal(["task-0 1", "task-1 1", "task-2 1"], File.ReadAllLines(_folder["hooks"]).Order());
        for (int task = 0; task < 3; task++)
        {
            Assert.Equal($"of task {task}", File.ReadAllText(_folder[$"box/task-{task}/{task}/out.txt"]));
            Assert.Contains("\"event\":\"summary\"", File.ReadAllText(_folder[$"results/transfer-{task}.jsonl"]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pipeline_takes_effect_when_the_whole_has_come()
    {
        _folder.File("tree/sub/a", "first");
        _folder.File("tree/b", "second");
        using ExampleRun receive = Start("pipeline-receive.sh", _folder["unpacked"]);
        using ExampleRun send = Start("pipeline-send.sh", _folder["tree"]);

        (int sent, _, string sendError) = await send.WaitAsync();
        (int received, _, string receiveError) = await receive.WaitAsync();

        Assert.True((sent, received) is (0, 0), sendError + receiveError);
        Assert.Equal("first", File.ReadAllText(_folder["unpacked/sub/a"]));
        Assert.Equal("second", File.ReadAllText(_folder["unpacked/b"]));
    }

    [Fact]
    public async Task A_pipeline_whose_sender_is_of_another_code_leaves_nothing()
    {
        _folder.File("tree/a", "first");
        using ExampleRun receive = Start("pipeline-receive.sh", _folder["unpacked"]);
        using ExampleRun send = ExampleRun.Start("pipeline-send.sh", [_folder["tree"]], ("P2PCOPY_RELAY", Address), ("P2PCOPY_CODE", "exampl-another-one"));

        Assert.NotEqual(0, (await receive.WaitAsync()).Status); // of tar, which got nothing
        Assert.Equal(4, (await send.WaitAsync()).Status);
        Assert.Equal(["tree"], Directory.GetFileSystemEntries(_folder.FullPath).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Several_transfers_run_at_once_in_one_process()
    {
        foreach (string name in new[] { "a", "b", "c" })
            _folder.File($"source/{name}/file", "content of " + name);
        using ExampleRun receive = Many("receive", _folder["arrived"], "a", "b", "c");
        using ExampleRun send = Many("send", _folder["source"], "a", "b", "c");

        (int sent, string sentLines, string sendError) = await send.WaitAsync();
        (int received, _, string receiveError) = await receive.WaitAsync();

        Assert.True((sent, received) is (0, 0), sendError + receiveError);
        Assert.Equal(3, sentLines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(new[] { "a", "b", "c" }, name => Assert.Equal("content of " + name, File.ReadAllText(_folder[$"arrived/{name}/file"])));

        ExampleRun Many(string mode, string folder, params string[] names)
            => ExampleRun.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "ManyTransfers.dll"), mode, Address, folder, .. names], Environment);
    }

    /// <summary>The drop box of PowerShell does what that of the shell does.</summary>
    [Fact]
    public async Task The_drop_box_of_PowerShell_runs_a_command_for_each_complete_transfer_logs_JSON_and_ends_with_0()
    {
        Assert.SkipUnless(OnPath("pwsh"), "pwsh is not there.");
        string codeFile = _folder.File("code", Code + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(codeFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] payloads = [_folder.File("first", "content"), _folder.File("second", "content of the second")];
        string hook = _folder.File("hook.ps1", $"param($Word, $Sender, $Count) \"$Word $Sender $Count\" | Add-Content '{_folder["hooks"]}'; if ($Sender -eq 'day') {{ throw 'not by day' }}");
        string processId = _folder["pid"]; // of PowerShell itself: pwsh may be the command of a .NET tool, which hands on no signal
        string script = $"$PID | Set-Content '{processId}'; Import-Module '{StagedModule.Manifest}'; & '{ExampleRun.PathOf("nightly-drop-box.ps1")}' '{_folder["box"]}' '{hook}' word -CodeFile '{codeFile}' -MaxSize 1000 -LogFile '{_folder["log.jsonl"]}'; exit 0";
        using ExampleRun box = ExampleRun.Start("pwsh", ["-NoProfile", "-NonInteractive", "-Command", script], ("P2PCOPY_RELAY", Address));
        string large = _folder.File("large", new string('x', 2000));
        foreach ((string name, string payload, int status) in new[] { ("night", payloads[0], 0), ("greedy", large, 8), ("day", payloads[1], 0) })
        {
            await using ToolProcess sender = ToolProcess.Start(Code, "send", payload, "--relay", Address, "--sender-name", name);
            int ended = await sender.WaitAsync();
            Assert.True(status == 0 ? ended == 0 : ended != 0, sender.Said);
        }

        while (!File.Exists(_folder["log.jsonl"]) || !File.ReadAllText(_folder["log.jsonl"]).Contains("not by day", StringComparison.Ordinal))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Signals.Terminate(int.Parse(File.ReadAllText(processId), CultureInfo.InvariantCulture));
        (int boxStatus, string said, string error) = await box.WaitAsync();

        Assert.True(boxStatus == 0, said + error);
        Assert.Equal("content", File.ReadAllText(_folder["box/night/first"]));
        Assert.Equal(["word night 1", "word day 1"], File.ReadAllLines(_folder["hooks"]));
        JsonElement[] log = [.. File.ReadLines(_folder["log.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["Completed", "Failed", "Completed"], Of("summary").Select(e => e.GetProperty("Status").GetString()));
        Assert.Equal(Of("summary").Where(e => e.GetProperty("Status").GetString() == "Completed").Select(e => e.GetProperty("Id").GetString()), Of("file").Where(e => e.GetProperty("Status").GetString() == "Copied").Select(e => e.GetProperty("Transfer").GetString()));
        Assert.Contains(Of("error"), e => e.GetProperty("ErrorId").GetString() == "CommandFailed");

        IEnumerable<JsonElement> Of(string name) => log.Where(e => e.GetProperty("event").GetString() == name);
    }

    private string Address => _relay.Addresses[0].AbsoluteUri;

    private (string Name, string Value)[] Environment => [("P2PCOPY_RELAY", Address), ("P2PCOPY_CODE", Code)];

    private ExampleRun Start(string example, params string[] arguments) => ExampleRun.Start(example, arguments, Environment);

    private static bool OnPath(string program)
        => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
