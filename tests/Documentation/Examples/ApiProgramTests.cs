using P2PCopy.Tests.Deployment;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Documentation.Examples;

/// <summary>The complete programs of docs/api.md, run as processes.</summary>
public sealed class ApiProgramTests : IAsyncLifetime
{
    private const string Code = "exampl-acorn-bamboo-cactus-dolphin";

    private readonly TemporaryFolder _folder = new();
    private RelayServer _relay = null!;

    private string Address => _relay.Addresses[0].AbsoluteUri;

    public async ValueTask InitializeAsync()
        => _relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_arrive_with_the_digests_that_the_receiver_prints()
    {
        string results = Path.GetDirectoryName(_folder.File("results/a.txt"))!;
        using ExampleRun send = Start("SendFiles", Address, results);
        string code = await send.ReadLineAsync();
        using ExampleRun receive = Start("ReceiveFiles", Address, code, _folder["in"]);

        (int received, string lines, string error) = await receive.WaitAsync();
        (int sent, string rest, _) = await send.WaitAsync();

        Assert.True((sent, received) is (0, 0), error);
        Assert.Equal("content", File.ReadAllText(_folder["in/results/a.txt"]));
        Assert.Equal("ED7002B439E9AC845F22357D822BAC1444730FBDB6016D3EC9432297B9EC9F73  results/a.txt  Copied", lines.Trim());
        Assert.Equal("2 entries confirmed, 7 bytes copied", rest.Trim());
    }

    [Fact]
    public async Task A_stream_goes_from_standard_input_to_standard_output()
    {
        using ExampleRun receive = Start("ReceiveStream", Address, Code);
        using ExampleRun send = Start("SendStream", Address, Code, "numbers.txt");
        string numbers = string.Concat(Enumerable.Range(0, 20_000));
        await send.WriteAsync(numbers);

        (int sent, _, string error) = await send.WaitAsync();
        (int received, string text, _) = await receive.WaitAsync();

        Assert.True((sent, received) is (0, 0), error);
        Assert.Equal(numbers, text);
    }

    [Fact]
    public async Task Progress_and_events_are_shown()
    {
        using ExampleRun send = Start("SendWithProgress", Address, Code, _folder.File("a.txt"));
        using ExampleRun receive = Start("ReceiveWithErrors", Address, Code, _folder["in"]);

        (int sent, _, string shown) = await send.WaitAsync();
        (int received, _, string error) = await receive.WaitAsync();

        Assert.True((sent, received) is (0, 0), shown + error);
        Assert.Contains("Copied: a.txt", shown, StringComparison.Ordinal);
        Assert.Contains("Completed: 7 of 7 bytes", shown, StringComparison.Ordinal);
        Assert.Empty(error);
    }

    [Fact]
    public async Task A_signal_cancels()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM for another process.");
        using ExampleRun send = Start("SendWithProgress", Address, Code, _folder.File("a.txt"));
        await send.WaitForErrorAsync("waiting for the other side");

        Signals.Terminate(send.Id);
        (int status, _, string shown) = await send.WaitAsync();

        Assert.Equal(130, status);
        Assert.Contains("cancelled; run the program again to resume", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_is_shown_with_its_hint_and_becomes_the_exit_status()
    {
        await using RelayServer closed = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"], Token = "s3cret" }, TestContext.Current.CancellationToken);
        using ExampleRun receive = Start("ReceiveWithErrors", closed.Addresses[0].AbsoluteUri, Code, _folder["in"]);

        (int status, _, string shown) = await receive.WaitAsync();

        Assert.Equal(5, status);
        Assert.Contains("This relay requires a token. [RelayRefused]\nhint:  Set `Token` or P2PCOPY_TOKEN.", shown.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_runs_its_own_relay()
    {
        using ExampleRun send = Start("SendWithoutRelay", _folder.File("a.txt"));
        string address = await send.ReadLineAsync(), code = await send.ReadLineAsync();
        string local = new UriBuilder(address) { Host = "127.0.0.1" }.Uri.AbsoluteUri;
        using ExampleRun receive = Start("ReceiveFiles", local, code, _folder["in"]);

        (int received, _, string error) = await receive.WaitAsync();

        Assert.True((received, (await send.WaitAsync()).Status) is (0, 0), error);
        Assert.Equal("content", File.ReadAllText(_folder["in/a.txt"]));
    }

    [Fact]
    public async Task A_hosted_relay_can_be_tested_and_stops_at_a_signal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM for another process.");
        string tokens = _folder.File("tokens", "s3cret\n");
        TemporaryFolder.SetMode(tokens, 0b110_000_000);
        using ExampleRun host = Start("HostRelay", "127.0.0.1:0", tokens);
        string address = await host.ReadLineAsync();

        using ExampleRun refused = Start("CheckRelay", address);
        using ExampleRun check = Start("CheckRelay", Address);
        (int status, _, string error) = await refused.WaitAsync();
        (int passed, string lines, string problem) = await check.WaitAsync();
        Signals.Terminate(host.Id);

        Assert.Equal(5, status);
        Assert.Contains("requires a token", error, StringComparison.Ordinal);
        Assert.True(passed == 0, problem);
        Assert.Contains(" MB/s", lines, StringComparison.Ordinal);
        Assert.Equal(0, (await host.WaitAsync()).Status);
    }

    [Fact]
    public async Task The_tasks_of_a_workflow_send_to_one_receiver()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM for another process.");
        using ExampleRun collect = Start("CollectResults", Address, _folder["all"]);
        ExampleRun[] tasks = [.. Enumerable.Range(0, 3).Select(i => Start("SendResult", Address, $"task-{i}", _folder.File($"out-{i}/result.txt", $"of {i}")))];
        foreach (ExampleRun task in tasks)
        {
            (int status, _, string error) = await task.WaitAsync();
            Assert.True(status == 0, error);
            task.Dispose();
        }

        Signals.Terminate(collect.Id);
        (int collected, string lines, string problem) = await collect.WaitAsync();

        Assert.True(collected == 0, problem);
        Assert.Equal(["task-0: complete", "task-1: complete", "task-2: complete"], lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("of 2", File.ReadAllText(_folder["all/task-2/result.txt"]));
    }

    private static ExampleRun Start(string program, params string[] arguments)
        => ExampleRun.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Api.dll"), program, .. arguments], ("P2PCOPY_CODE", Code));
}
