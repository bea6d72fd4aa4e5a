using System.Text.Json;
using P2PCopy.Tool.Display;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class DisplayTests
{
    private static readonly TransferOffer Offer = new(2, 1, 3 << 20, [Entry("a", FileReportKind.Folder), Entry("a/b"), Entry("a/c")], 5L << 30);

    private static OfferEntry Entry(string name, FileReportKind kind = FileReportKind.File) => new(name, kind, null, null);

    [Fact]
    public async Task A_sender_without_a_relay_shows_the_command_for_the_other_side_and_the_code_on_a_line_of_its_own()
    {
        var tool = new ToolRun { Engine = { Run = Listening } };
        await tool.RunAsync("send", "x");
        Assert.Contains("    p2pcopy receive --relay ws://192.0.2.7:8765 7kq2m4-otter-lemon-violin", tool.Lines);
        Assert.Contains("    p2pcopy receive --relay ws://[2001:db8::7]:8765 7kq2m4-otter-lemon-violin", tool.Lines);
        Assert.Contains("7kq2m4-otter-lemon-violin", tool.Lines);
        Assert.DoesNotContain("127.0.0.1", tool.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_is_found_by_the_code_alone_shows_that_command_first()
    {
        var tool = new ToolRun { Engine = { Run = (options, progress, token) => Listening(options, answersDiscovery: true) } };
        await tool.RunAsync("send", "x");
        Assert.Equal(
            [
                "On the other machine, run:",
                "    p2pcopy receive 7kq2m4-otter-lemon-violin",
                "If it does not find this machine, run one of these commands there:",
                "    p2pcopy receive --relay ws://192.0.2.7:8765 7kq2m4-otter-lemon-violin",
                "    p2pcopy receive --relay ws://[2001:db8::7]:8765 7kq2m4-otter-lemon-violin",
                "The code is:",
                "7kq2m4-otter-lemon-violin",
            ],
            tool.Lines.Take(7));
    }

    [Fact]
    public async Task Quiet_still_shows_what_the_other_side_needs_and_nothing_else()
    {
        var tool = new ToolRun { Engine = { Run = Listening } };
        await tool.RunAsync("send", "x", "--quiet");
        Assert.Contains("7kq2m4-otter-lemon-violin", tool.Lines);
        Assert.DoesNotContain("Sent", tool.Out, StringComparison.Ordinal);

        tool = new ToolRun();
        await tool.RunAsync("send", "x", "--relay", "ws://r", "--quiet");
        Assert.Empty(tool.Out + tool.Error);
    }

    [Fact]
    public async Task Json_is_one_object_a_line_and_tells_the_whole_story()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (options, progress, _) =>
        {
            options.OnEvent!(new TransferEvent.Listening([new Uri("ws://192.0.2.7:8765")]));
            options.OnEvent(new TransferEvent.CodeGenerated(PairingCode.Parse("7kq2m4-otter-lemon-violin")));
            options.OnEvent(new TransferEvent.Waiting());
            options.OnEvent(new TransferEvent.Paired());
            options.OnEvent(new TransferEvent.Offered(Offer));
            for (int i = 0; i < 5; i++) // nothing new is said once
                progress!.Report(new TransferProgress { Phase = TransferPhase.Transferring, BytesTotal = null, BytesPerSecond = double.NaN });
            var file = new FileReport { Name = "new\nline \"\u001b\u009b\u2028", Status = FileStatus.Failed, Length = 3, Error = P2PErrorCode.FileReadError, Message = "no" };
            options.OnEvent(new TransferEvent.FileCompleted(file));
            return Task.FromResult(FakeEngine.Report(file) with { Error = new P2PException(P2PErrorCode.ConnectionLost, "gone") });
        };
        Assert.Equal(6, await tool.RunAsync("send", "x", "--json"));
        List<JsonElement> events = [.. tool.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["listening", "code", "waiting", "paired", "offer", "progress", "file", "summary", "error"],
            events.Select(e => e.GetProperty("event").GetString()!));
        Assert.Equal("ws://192.0.2.7:8765", events[0].GetProperty("addresses")[0].GetString());
        Assert.False(events[0].GetProperty("answersDiscovery").GetBoolean());
        Assert.Equal(JsonValueKind.Null, events[5].GetProperty("bytesTotal").ValueKind);
        Assert.Equal("new\nline \"\u001b\u009b\u2028", events[6].GetProperty("name").GetString());
        Assert.DoesNotContain(tool.Lines, line => line.Any(c => char.IsControl(c) || c == '\u2028'));
        Assert.Equal("FileReadError", events[6].GetProperty("error").GetString());
        Assert.Equal(1, events[7].GetProperty("failed").GetInt32());
        Assert.False(events[7].GetProperty("succeeded").GetBoolean());
        Assert.Equal(("ConnectionLost", 6), (events[8].GetProperty("code").GetString(), events[8].GetProperty("exit").GetInt32()));
        Assert.Empty(tool.Error);
    }

    [Theory]
    [InlineData("y\n", 0)]
    [InlineData("what\nYES\n", 0)]
    [InlineData("\n", 130)]
    [InlineData("n\n", 130)]
    [InlineData("\u0004", 130)]
    public async Task On_a_terminal_a_receiver_is_asked_and_told_what_comes(string answer, int status)
    {
        var tool = new ToolRun { OnTerminal = true, Engine = { Run = AskAboutOffer } };
        tool.Type(answer);
        Assert.Equal(status, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh"));
        Assert.Contains("2 files in 1 folder, 3.0 MiB; 5.0 GiB free here", tool.Error, StringComparison.Ordinal);
        Assert.Contains("  a/b", tool.Error, StringComparison.Ordinal);
        Assert.Equal(status == 130, tool.Error.Contains("The offer was declined, nothing was written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_is_asked_with_yes_or_without_a_terminal()
    {
        var tool = new ToolRun { OnTerminal = true, Engine = { Run = AskAboutOffer } };
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh", "--yes"));
        tool = new ToolRun { Engine = { Run = AskAboutOffer } };
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh"));
        Assert.DoesNotContain("[y/N]", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_goes_away_instead_of_an_answer_declines()
    {
        var tool = new ToolRun { OnTerminal = true, IsCutOff = true, Engine = { Run = AskAboutOffer } };
        Assert.Equal(130, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh"));
        Assert.Contains("The offer was declined, nothing was written", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_if_shows_and_declines()
    {
        bool? accepted = null;
        var tool = new ToolRun();
        tool.Engine.Run = async (options, _, token) =>
        {
            accepted = await ((ReceiveOptions)options).ConfirmOffer!(Offer, token);
            return FakeEngine.Report();
        };
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh", "--what-if"));
        Assert.False(accepted);
        Assert.Contains("Would receive:", tool.Out, StringComparison.Ordinal);

        tool = new ToolRun { Engine = { Preview = Offer, Run = (_, _, _) => throw new InvalidOperationException("It connected.") } };
        Assert.Equal(0, await tool.RunAsync("send", "a", "--what-if"));
        Assert.Contains("  a/c", tool.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_code_is_asked_for_on_a_terminal_and_Tab_completes_its_words()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Type("ab12cd-ot\t-l\t-ou\b\bou\t\n");
        await tool.RunAsync("receive", "--relay", "ws://r", "--yes");
        Assert.Equal("ab12cd-otter-lemon-outdoor", tool.Engine.Received!.Code!.Reveal());

        tool = new ToolRun { OnTerminal = true };
        tool.Type("ab12cd-o\t\t\u001b");
        Assert.Equal(130, await tool.RunAsync("receive", "--relay", "ws://r"));
        Assert.Contains("otter outdoor", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_progress_line_never_passes_the_last_column()
    {
        foreach (int columns in (int[])[20, 40, 79])
        {
            foreach (string name in (string[])["x", new string('n', 300), "日本語のとても長いファイル名がここにあります.txt", "\u001b[2J\u202Ename"])
            {
                string line = ProgressLine.Format(
                    new TransferProgress
                    {
                        Phase = TransferPhase.Transferring,
                        BytesDone = 1023L << 40,
                        BytesTotal = 1024L << 40,
                        FilesDone = 123_456,
                        FilesTotal = 1_000_000,
                        CurrentName = name,
                        CurrentDone = 1,
                        CurrentTotal = 3,
                        BytesPerSecond = 1e9,
                        SecondsRemaining = 1e9,
                    },
                    PeerRole.Receive,
                    columns);
                Assert.InRange(HumanText.Columns(line), 10, columns);
                Assert.DoesNotContain('\u001b', line);
                Assert.DoesNotContain('\u202E', line);
            }
        }
    }

    [Fact]
    public void A_narrow_progress_line_leaves_out_whole_values()
    {
        var progress = new TransferProgress
        {
            Phase = TransferPhase.Transferring,
            BytesDone = 2 << 20,
            BytesTotal = 6 << 20,
            FilesDone = 1,
            FilesTotal = 5,
            BytesPerSecond = 986 << 10,
            SecondsRemaining = 6,
        };
        string Line(int columns) => ProgressLine.Format(progress, PeerRole.Receive, columns);
        Assert.Equal(" 33% 2.0 MiB of 6.0 MiB  986.0 KiB/s  0:06 left  1/5", Line(79));
        Assert.Equal(" 33% 2.0 MiB  986.0 KiB/s  0:06 left", Line(39));
        Assert.Equal(" 33% 2.0 MiB", Line(20)[..12]);
    }

    [Fact]
    public async Task A_transfer_that_a_user_ends_is_one_line_on_each_side()
    {
        var report = new TransferReport
        {
            Files =
            [
                new FileReport { Name = "a", Status = FileStatus.Copied, Length = 2 << 20 },
                new FileReport { Name = "b", Status = FileStatus.Unconfirmed },
            ],
            BytesCopied = 2 << 20,
            BytesTransferred = 3 << 20,
            ChunksTransferred = 3,
            BytesDirect = 3 << 20,
        };
        using var stop = new CancellationTokenSource();
        var tool = new ToolRun();
        tool.Engine.Run = async (options, _, token) =>
        {
            await stop.CancelAsync();
            options.OnEvent!(new TransferEvent.Cancelled(report with { Error = new P2PException(P2PErrorCode.Cancelled, "The transfer was cancelled.") }));
            throw new OperationCanceledException(token);
        };
        Assert.Equal(130, await tool.RunAsync(stop.Token, "receive", "--relay", "ws://r", "--code", "abcd-efgh-ijkl", "in"));
        Assert.Equal(
            "error: The transfer was cancelled; partial files are kept. 1 of 2 files (2.0 MiB) had been received, 3.0 MiB were transferred. [Cancelled]\n"
            + "hint:  To resume, send again from the other machine; then run, with the code and the relay that it shows: p2pcopy receive --relay ws://r in\n",
            tool.Error);

        tool = new ToolRun();
        tool.Engine.Run = (_, _, _) => Task.FromResult(report with { Error = new P2PException(P2PErrorCode.PeerAborted, "The receiver ended the transfer: it was cancelled.") });
        Assert.Equal(8, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        Assert.Equal(
            "error: The receiver ended the transfer: it was cancelled. 1 of 2 files (2.0 MiB) had been sent, 3.0 MiB were transferred. [PeerAborted]\n"
            + "hint:  To resume, run: p2pcopy send x --relay ws://r; then receive into the same folder again, with the code that it shows.\n",
            tool.Error);
    }

    [Fact]
    public async Task Failures_fit_the_terminal_and_explain_each_kind_once()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Engine.Run = (options, _, _) =>
        {
            for (int i = 0; i < 30; i++)
            {
                options.OnEvent!(new TransferEvent.FileCompleted(new FileReport
                {
                    Name = $"a folder with a rather long name/and another one in it/a file with a long name {i}.txt",
                    Status = FileStatus.Failed,
                    Error = P2PErrorCode.DestinationExists,
                    Message = "Writing it failed: it exists.",
                    Hint = "Choose another conflict policy to replace it, or remove it and everything that was beside it first.",
                }));
            }

            return Task.FromResult(FakeEngine.Report());
        };
        await tool.RunAsync("send", "x");
        string[] lines = tool.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 79));
        Assert.Equal(10, lines.Count(l => l.StartsWith("Failed: a folder", StringComparison.Ordinal) && l.EndsWith(".txt [DestinationExists]", StringComparison.Ordinal)));
        Assert.Single(lines, l => l.StartsWith("        Writing it failed", StringComparison.Ordinal));
        Assert.Single(lines, l => l.StartsWith("        hint: Choose another", StringComparison.Ordinal));
        Assert.StartsWith("… and 20 more", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_without_end_become_a_number()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Engine.Run = (options, _, _) =>
        {
            for (int i = 0; i < 30; i++)
                options.OnEvent!(new TransferEvent.Warning($"The link \"a folder/link-{i}\" was left out.", "Use `Links Follow` or `Links Preserve` to send links."));
            return Task.FromResult(FakeEngine.Report());
        };
        await tool.RunAsync("send", "x");
        string[] lines = tool.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, lines.Count(l => l.StartsWith("Warning: ", StringComparison.Ordinal)));
        Assert.Equal("hint:  Use --links follow or --links preserve to send links.", lines[1]);
        Assert.Single(lines, l => l.StartsWith("hint:", StringComparison.Ordinal));
        Assert.Equal("… and 20 more warnings; --json shows every one", lines[^1]);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 79));
    }

    [Fact]
    public void A_text_that_is_wrapped_keeps_the_spaces_it_begins_with()
        => Assert.Equal("  --word  one two\n          three", HumanText.Wrap("  --word  one two three", 18, 10));

    [Fact]
    public void Numbers_read_well()
    {
        Assert.Equal("0 B", HumanText.Size(0));
        Assert.Equal("1023 B", HumanText.Size(1023));
        Assert.Equal("1.0 KiB", HumanText.Size(1024));
        Assert.Equal("1.0 MiB", HumanText.Size((1 << 20) - 1));
        Assert.Equal("1.5 GiB", HumanText.Size(3L << 29));
        Assert.Equal("0:07", HumanText.Clock(TimeSpan.FromSeconds(7)));
        Assert.Equal("1:02:03", HumanText.Clock(TimeSpan.FromSeconds(3723)));
        Assert.Equal("1,000 files", HumanText.Count(1000, "file"));
        Assert.Equal("fi…e.txt", HumanText.Fit("file-with-a-name.txt", 8));
    }

    private static Task<TransferReport> Listening(TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken token)
        => Listening(options, answersDiscovery: false);

    private static Task<TransferReport> Listening(TransferOptions options, bool answersDiscovery)
    {
        options.OnEvent!(new TransferEvent.Listening([new Uri("ws://192.0.2.7:8765"), new Uri("ws://[2001:db8::7]:8765"), new Uri("ws://127.0.0.1:8765")]) { AnswersDiscovery = answersDiscovery });
        options.OnEvent(new TransferEvent.CodeGenerated(PairingCode.Parse("7kq2m4-otter-lemon-violin")));
        return Task.FromResult(FakeEngine.Report());
    }

    private static async Task<TransferReport> AskAboutOffer(TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken token)
    {
        if (((ReceiveOptions)options).ConfirmOffer is { } confirm)
            await confirm(Offer, token);
        return FakeEngine.Report();
    }
}
