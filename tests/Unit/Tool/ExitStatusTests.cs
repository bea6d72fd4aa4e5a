using System.Text.Json;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class ExitStatusTests
{
    [Theory]
    [InlineData("send", "--bogus")]
    [InlineData("send", "x", "--relay")]
    [InlineData("send", "x", "--links", "sideways")]
    [InlineData("send", "x", "--connections", "17")]
    [InlineData("send", "x", "--chunk-size", "8MiB")]
    [InlineData("send", "x", "--relay", "ftp://host")]
    [InlineData("send")]
    [InlineData("send", "-")]
    [InlineData("send", "x", "--relay", "ws://h", "--listen", "127.0.0.1:0")]
    [InlineData("completion", "csh")]
    [InlineData("send", "x", "--name", "y")]
    [InlineData("send", "-", "--name", "y", "--code", "-")]
    [InlineData("receive", "--relay", "ws://h")]
    [InlineData("receive", "--code", "abcd-efgh")]
    [InlineData("receive", "a", "--destination", "b")]
    [InlineData("receive", "a", "b")]
    [InlineData("receive", "a", "--stdout", "--relay", "ws://h", "--code", "abcd-efgh")]
    [InlineData("receive", "--destination", "a", "--stdout", "--relay", "ws://h", "--code", "abcd-efgh")]
    [InlineData("test")]
    [InlineData("test", "http://host")]
    [InlineData("test", "ws://host", "--measure", "61")]
    [InlineData("frobnicate")]
    [InlineData("receive", "a", "b", "c", "--relay", "ws://h")]
    public async Task A_command_line_that_cannot_be_used_ends_with_2_and_a_sentence(params string[] arguments)
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync(arguments));
        Assert.StartsWith("error: ", tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u", tool.Error, StringComparison.Ordinal);
        Assert.Null(tool.Engine.Sent);
        Assert.Null(tool.Engine.Received);
    }

    [Theory]
    [InlineData(P2PErrorCode.Failure, 1)]
    [InlineData(P2PErrorCode.PairingFailed, 4)]
    [InlineData(P2PErrorCode.RelayConnectFailed, 5)]
    [InlineData(P2PErrorCode.RelayRefused, 5)]
    [InlineData(P2PErrorCode.ConnectionLost, 6)]
    [InlineData(P2PErrorCode.PeerDidNotCome, 7)]
    [InlineData(P2PErrorCode.PeerAborted, 8)]
    [InlineData(P2PErrorCode.InsufficientSpace, 9)]
    [InlineData(P2PErrorCode.LimitExceeded, 9)]
    [InlineData(P2PErrorCode.ProtocolError, 10)]
    [InlineData(P2PErrorCode.VersionMismatch, 10)]
    public async Task An_error_of_the_engine_has_its_status_whether_thrown_or_reported(P2PErrorCode code, int status)
    {
        var tool = new ToolRun { Engine = { Run = (_, _, _) => throw new P2PException(code, "It went wrong.") { Hint = "Try again." } } };
        Assert.Equal(status, await tool.RunAsync("send", "x"));
        Assert.Contains($"error: It went wrong. [{code}]\nhint:  Try again.\n", tool.Error, StringComparison.Ordinal);

        tool = new ToolRun
        {
            Engine = { Run = (_, _, _) => Task.FromResult(FakeEngine.Report() with { Error = new P2PException(code, "Half way.") }) },
        };
        Assert.Equal(status, await tool.RunAsync("send", "x"));
        Assert.Contains($"Half way. [{code}]", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_failed_makes_it_3_and_is_named()
    {
        var failed = new FileReport
        {
            Name = "a/b",
            Status = FileStatus.Failed,
            Error = P2PErrorCode.FileReadError,
            Message = "Access denied.",
        };
        var tool = new ToolRun();
        tool.Engine.Run = (options, _, _) =>
        {
            options.OnEvent!(new TransferEvent.FileCompleted(failed));
            return Task.FromResult(FakeEngine.Report(failed));
        };
        Assert.Equal(3, await tool.RunAsync("send", "a"));
        Assert.Contains("Failed: a/b [FileReadError]\n        Access denied.\n", tool.Error, StringComparison.Ordinal);
        Assert.Contains("1 failed", tool.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_is_of_no_use_has_the_status_of_its_error_and_is_told_as_lines_or_JSON()
    {
        RelayTestReport bad = new()
        {
            Relay = new Uri("wss://r"),
            IsReachable = true,
            IsTlsValid = false,
            Error = new P2PException(P2PErrorCode.RelayConnectFailed, "Not trusted."),
        };
        var tool = new ToolRun { Engine = { TestReport = bad } };
        Assert.Equal(5, await tool.RunAsync("test", "wss://r"));
        Assert.Equal(["relay       wss://r", "reachable   yes", "TLS         NOT valid"], tool.Lines);
        Assert.Contains("Not trusted. [RelayConnectFailed]", tool.Error, StringComparison.Ordinal);

        tool = new ToolRun { Engine = { TestReport = bad } };
        Assert.Equal(5, await tool.RunAsync("test", "wss://r", "--json"));
        JsonElement json = JsonDocument.Parse(Assert.Single(tool.Lines)).RootElement;
        Assert.Equal(("RelayConnectFailed", 5, false), (json.GetProperty("code").GetString(), json.GetProperty("exit").GetInt32(), json.GetProperty("tlsValid").GetBoolean()));
        Assert.Empty(tool.Error);

        tool = new ToolRun { Engine = { TestReport = bad } };
        Assert.Equal(5, await tool.RunAsync("test", "wss://r", "--quiet"));
        Assert.Equal(string.Empty, tool.Out + tool.Error);

        tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("test", "ftp://r", "--json"));
        json = JsonDocument.Parse(Assert.Single(tool.Lines)).RootElement;
        Assert.Equal(("error", "InvalidOption", 2), (json.GetProperty("event").GetString(), json.GetProperty("code").GetString(), json.GetProperty("exit").GetInt32()));
        Assert.False(json.TryGetProperty("role", out _));
        Assert.Empty(tool.Error);
    }

    [Fact]
    public async Task Cancelled_is_130()
    {
        using var stop = new CancellationTokenSource();
        var tool = new ToolRun();
        tool.Engine.Run = async (_, _, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
            return FakeEngine.Report();
        };
        Assert.Equal(130, await tool.RunAsync(stop.Token, "send", "x"));
        Assert.Contains("[Cancelled]", tool.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "send", "x", "--code", "-")]
    [InlineData(false, "send", "--files-from", "-")]
    [InlineData(true, "receive", "--relay", "ws://h")]
    public async Task Cancelled_is_130_also_while_standard_input_or_the_keyboard_is_waited_for(bool onTerminal, params string[] arguments)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var tool = new ToolRun { OnTerminal = onTerminal, IsSilent = true };
        Assert.Equal(130, await Task.Run(() => tool.RunAsync(stop.Token, arguments), TestContext.Current.CancellationToken).WaitAsync(TestContext.Current.CancellationToken));
        Assert.Contains("[Cancelled]", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_confirmed_is_0()
    {
        Assert.Equal(0, await new ToolRun().RunAsync("send", "x"));
        Assert.Equal(0, await new ToolRun().RunAsync("receive", "--relay", "ws://h:1", "--code", "abcd-efgh"));
    }

    [Fact]
    public async Task A_list_that_can_no_longer_be_written_is_1_after_the_summary()
    {
        using var folder = new Files.TemporaryFolder();
        Directory.CreateDirectory(folder["lists"]);
        var tool = new ToolRun();
        tool.Engine.Run = (_, _, _) =>
        {
            Directory.Delete(folder["lists"]);
            return Task.FromResult(FakeEngine.Report());
        };
        Assert.Equal(1, await tool.RunAsync("receive", "--relay", "ws://h:1", "--code", "abcd-efgh", "--sha256-list", folder["lists/list"]));
        Assert.Contains("Received nothing", tool.Out, StringComparison.Ordinal);
        Assert.Contains($"--sha256-list {folder["lists/list"]} could not be written", tool.Error, StringComparison.Ordinal);
    }
}
