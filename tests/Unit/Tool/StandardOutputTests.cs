namespace P2PCopy.Tests.Unit.Tool;

/// <summary>Content goes to standard output only where that is safe, and the user learns it before the code is asked for.</summary>
public sealed class StandardOutputTests
{
    private static readonly string[] Receive = ["receive", "--stdout", "--relay", "ws://r"];

    [Fact]
    public async Task Content_is_not_written_to_a_terminal()
    {
        var tool = new ToolRun { OnTerminal = true, IsSilent = true };

        Assert.Equal(2, await tool.RunAsync(Receive));

        Assert.Contains("--force-terminal", tool.Error, StringComparison.Ordinal);
        Assert.Null(tool.Engine.Received);
    }

    [Fact]
    public async Task Content_is_written_to_a_terminal_if_the_user_insists()
    {
        var tool = new ToolRun { OnTerminal = true };

        Assert.Equal(0, await tool.RunAsync([.. Receive, "--force-terminal", "--code", "abcd-efgh"]));

        Assert.Same(tool.StandardOutput, tool.Engine.Received!.OutputStream);
    }

    [Fact]
    public async Task Content_without_encryption_is_not_written_to_a_pipe()
    {
        var tool = new ToolRun { IsSilent = true };

        Assert.Equal(2, await tool.RunAsync([.. Receive, "--encryption", "off"]));

        Assert.Contains("--encryption on", tool.Error, StringComparison.Ordinal);
        Assert.Null(tool.Engine.Received);
    }

    [Fact]
    public async Task The_engine_refuses_an_output_stream_without_encryption_before_it_joins_a_relay()
    {
        var options = new ReceiveOptions
        {
            Code = PairingCode.Parse("abcd-efgh"),
            Relays = [new Uri("ws://127.0.0.1:1")],
            Encryption = PayloadEncryption.Off,
            OutputStream = Stream.Null,
        };

        var error = await Assert.ThrowsAsync<P2PException>(() => P2PTransfer.ReceiveAsync(options, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
    }
}
