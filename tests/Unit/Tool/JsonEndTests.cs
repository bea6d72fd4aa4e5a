using System.Text.Json;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>A program that reads the JSON learns how every run ended, and what became of every file.</summary>
public sealed class JsonEndTests
{
    private static readonly string[] Receive = ["receive", "--json", "--relay", "ws://r", "--code", "abcd-efgh"];

    [Theory]
    [InlineData("receive", "--json", "--no-such-option")]
    [InlineData("receive", "--json", "--max-files", "many")]
    [InlineData("send", "--json", "--bandwidth-limit", "fast", "f")]
    [InlineData("receive", "--json")]
    public async Task An_error_in_the_options_is_one_JSON_line(params string[] arguments)
    {
        var tool = new ToolRun { IsSilent = true };

        Assert.Equal(2, await tool.RunAsync(arguments));

        JsonElement error = Event(tool, "error");
        Assert.Equal(("InvalidOption", 2), (error.GetProperty("code").GetString(), error.GetProperty("exit").GetInt32()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Empty(tool.Error);
    }

    [Fact]
    public async Task With_content_on_standard_output_the_error_goes_to_standard_error()
    {
        var tool = new ToolRun();

        Assert.Equal(2, await tool.RunAsync("receive", "--json", "--stdout", "--no-such-option"));

        Assert.Empty(tool.Out);
        Assert.Contains("\"InvalidOption\"", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_no_one_could_confirm_is_named()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (_, _, _) => Task.FromResult(Interrupted() with { Error = new P2PException(P2PErrorCode.ConnectionLost, "Lost.") });

        Assert.Equal(6, await tool.RunAsync(Receive));

        Assert.Equal(("late", "unconfirmed"), Named(tool));
        Assert.Equal(1, Event(tool, "summary").GetProperty("unconfirmed").GetInt32());
    }

    [Fact]
    public async Task A_cancelled_run_has_a_summary_and_names_what_is_unconfirmed()
    {
        using var stop = new CancellationTokenSource();
        var tool = new ToolRun();
        tool.Engine.Run = async (options, _, token) =>
        {
            await stop.CancelAsync();
            options.OnEvent!(new TransferEvent.Cancelled(Interrupted()));
            throw new OperationCanceledException(token);
        };

        Assert.Equal(130, await tool.RunAsync(stop.Token, Receive));

        Assert.Equal(("late", "unconfirmed"), Named(tool));
        Assert.Equal((1, 1), (Event(tool, "summary").GetProperty("copied").GetInt32(), Event(tool, "summary").GetProperty("unconfirmed").GetInt32()));
        Assert.Equal("Cancelled", Event(tool, "error").GetProperty("code").GetString());
    }

    private static TransferReport Interrupted() => FakeEngine.Report(
        new FileReport { Name = "done", Status = FileStatus.Copied },
        new FileReport { Name = "late", Status = FileStatus.Unconfirmed, Error = P2PErrorCode.Unconfirmed, Message = "No." });

    private static (string?, string?) Named(ToolRun tool)
    {
        JsonElement file = Event(tool, "file");
        return (file.GetProperty("name").GetString(), file.GetProperty("status").GetString());
    }

    private static JsonElement Event(ToolRun tool, string name)
        => Assert.Single(tool.Lines.Select(line => JsonDocument.Parse(line).RootElement), e => e.GetProperty("event").GetString() == name);
}
