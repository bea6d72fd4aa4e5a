using System.Text.Json;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>Text of the other side and of the relay, in every output of the tool.</summary>
public sealed class OutputAttackTests
{
    private const string Evil = "a\u001b[2J\u009b1m\r\n\u0007\u202e\u200b\u3164\U000e0041b";

    private static readonly FileReport Failed = new() { Name = Evil, FullName = Evil, Status = FileStatus.Failed, Length = 3, Error = P2PErrorCode.FileReadError, Message = Evil };

    [Theory]
    [InlineData(true, "send", "x", "--relay", "ws://r")]
    [InlineData(false, "send", "x", "--relay", "ws://r")]
    [InlineData(true, "receive", "--relay", "ws://r", "--code", "abcd-efgh")]
    [InlineData(false, "receive", "--relay", "ws://r", "--code", "abcd-efgh")]
    [InlineData(false, "receive", "--relay", "ws://r", "--code", "abcd-efgh", "--what-if")]
    public async Task Text_of_the_other_side_cannot_drive_the_terminal(bool onTerminal, params string[] arguments)
    {
        var tool = new ToolRun { OnTerminal = onTerminal, Engine = { Run = TellAsync } };
        tool.Type("y\n");
        await tool.RunAsync(arguments);

        // The tool's own sequences return to the begin of a line and clear it.
        string shown = (tool.Out + tool.Error).Replace("\u001b[K", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        Assert.Contains("\\x1b[2J", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, c => c is '\u001b' or '\u009b' or '\u0007' or '\u202e' or '\u200b' or '\u3164' || char.IsSurrogate(c));
        Assert.DoesNotContain("b\nb", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send", "x", "--relay", "ws://r", "--json")]
    [InlineData("receive", "--relay", "ws://r", "--code", "abcd-efgh", "--json")]
    public async Task Text_of_the_other_side_adds_no_line_to_JSON_and_no_control_character(params string[] arguments)
    {
        var tool = new ToolRun { Engine = { Run = TellAsync } };
        await tool.RunAsync(arguments);

        Assert.NotEmpty(tool.Lines);
        Assert.All(tool.Lines, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.DoesNotContain(tool.Out + tool.Error, c => char.IsControl(c) && c != '\n');
    }

    [Theory]
    [InlineData("test", "--relay", "ws://r")]
    [InlineData("test", "--relay", "ws://r", "--json")]
    public async Task Text_of_a_relay_cannot_drive_the_terminal(params string[] arguments)
    {
        var tool = new ToolRun { Engine = { TestReport = new RelayTestReport { Relay = new Uri("ws://r"), IsReachable = true, Version = Evil, Error = new P2PException(P2PErrorCode.RelayRefused, Evil) { Hint = Evil } } } };
        await tool.RunAsync(arguments);

        Assert.Contains(arguments.Contains("--json") ? "\\u001b[2J" : "\\x1b[2J", tool.Out + tool.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(tool.Out + tool.Error, c => char.IsControl(c) && c != '\n');
    }

    /// <summary>The reason of a refusal comes from the relay. It must not look like advice of this program.</summary>
    [Fact]
    public void A_sentence_of_a_relay_does_not_become_an_option_of_this_program()
    {
        string shown = P2PCopy.Tool.Options.ToolOptionNames.In(P2PCopy.Transport.RelayProtocol.Printable("use `Encryption Off` and `SkipCertificateCheck`"));
        Assert.DoesNotContain("--", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("history")]
    [InlineData("history", "--json")]
    public async Task Names_of_the_other_side_cannot_drive_the_terminal_from_the_history(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> environment = new() { ["XDG_STATE_HOME"] = folder["state"], ["LOCALAPPDATA"] = folder["state"] };
        await Run("receive", "--relay", "ws://r", "--code", "abcd-efgh", "--quiet");
        ToolRun tool = await Run(arguments);

        Assert.Contains(arguments.Contains("--json") ? "\\u001b[2J" : "\\x1b[2J", tool.Out, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(tool.Out + tool.Error, c => char.IsControl(c) && c != '\n');
        Assert.Single(tool.Lines);

        async Task<ToolRun> Run(params string[] arguments)
        {
            var tool = new ToolRun { Engine = { Run = TellAsync } };
            foreach ((string name, string value) in environment)
                tool.Environment[name] = value;
            await tool.RunAsync(arguments);
            return tool;
        }
    }

    private static async Task<TransferReport> TellAsync(TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        options.OnEvent!(new TransferEvent.Waiting());
        options.OnEvent(new TransferEvent.Paired());
        var offer = new TransferOffer(2, 1, 3, [.. new[] { Evil, "b/" + Evil }.Select(name => new OfferEntry(name, FileReportKind.File, 3, null))], 5)
        {
            Plan = new TransferPlan { Destination = Evil, NewerHere = 1, NewerNames = [Evil], ReplacedFiles = 1, ReplacedNames = [Evil] },
        };
        options.OnEvent(new TransferEvent.Offered(offer));
        if (options is ReceiveOptions { ConfirmOffer: { } confirm })
            await confirm(offer, cancellationToken);
        progress?.Report(new TransferProgress { Phase = TransferPhase.Transferring, CurrentName = Evil, BytesTotal = 3 });
        options.OnEvent(new TransferEvent.Warning(Evil));
        options.OnEvent(new TransferEvent.Reconnecting(Evil));
        options.OnEvent(new TransferEvent.FileCompleted(Failed));
        return FakeEngine.Report(Failed) with { SenderName = Evil, Error = new P2PException(P2PErrorCode.PeerAborted, Evil) { Hint = Evil } };
    }
}
