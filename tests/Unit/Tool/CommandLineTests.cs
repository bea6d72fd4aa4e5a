using System.CommandLine;
using P2PCopy.Tool;
using P2PCopy.Tool.Commands;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>What people type first: a code alone, help, a mistyped name.</summary>
public sealed class CommandLineTests
{
    private const string Code = "7k3m9q-amber-velvet-canoe";

    [Fact]
    public async Task A_list_that_could_not_be_written_is_refused_before_the_code_is_used()
    {
        using var folder = new Files.TemporaryFolder();
        await Refused(folder["missing/list"], "does not exist");
        await Refused(folder.FullPath, "is a folder");

        async Task Refused(string list, string reason)
        {
            var tool = new ToolRun();
            Assert.Equal(2, await tool.RunAsync("receive", "--relay", "ws://r", Code, folder["in"], "--sha256-list", list));
            Assert.Contains(reason, tool.Error, StringComparison.Ordinal);
            Assert.Contains("digest list", tool.Error, StringComparison.Ordinal);
            Assert.Null(tool.Engine.Received);
        }
    }

    [Fact]
    public async Task A_name_is_only_for_standard_input()
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("send", "file", "--name", "../x", "--relay", "ws://r"));
        Assert.Contains("--name is the name of standard input", tool.Error, StringComparison.Ordinal);
        tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("send", "-", "--relay", "ws://r"));
        Assert.Contains("Standard input needs a name", tool.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_is_shown_without_a_command(params string[] arguments)
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(arguments));
        Assert.StartsWith("Usage: p2pcopy COMMAND", tool.Out, StringComparison.Ordinal);
        Assert.Empty(tool.Error);
    }

    [Fact]
    public async Task Help_of_a_command_has_examples_first_and_options_in_groups()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("help", "receive"));
        string[] headings = [.. tool.Lines.Where(l => l.EndsWith(':') && l[0] != ' ')];
        Assert.Equal(
            ["Examples:", "Arguments:", "Files options:", "Code options:", "Relay options:", "Transfer options:", "Output options:"],
            headings);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Help_fits_the_terminal(int width)
    {
        foreach (string command in (string[])["send", "receive", "relay", "test", "code", "demo", "completion"])
        {
            var tool = new ToolRun { OnTerminal = true, Width = width };
            await tool.RunAsync(command, "--help");
            IEnumerable<string> tooLong = tool.Lines.Where(l => l.Length >= width && l.TrimStart().Contains(' ') && !l.Contains("p2pcopy ", StringComparison.Ordinal) && !l.StartsWith("Usage", StringComparison.Ordinal));
            Assert.All(tooLong, line => Assert.StartsWith("  -", line, StringComparison.Ordinal)); // the name of an option is not broken
        }

        var first = new ToolRun { OnTerminal = true, Width = width };
        await first.RunAsync("--help");
        Assert.All(first.Lines, line => Assert.InRange(line.Length, 1, width - 1));
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    [InlineData("-V")]
    public async Task The_version_is_shown(string argument)
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(argument));
        Assert.Matches(@"^\d+\.\d+\.\d+", tool.Out);
    }

    [Theory]
    [InlineData("Did you mean 'send'?", "sned", "x")]
    [InlineData("Did you mean 'receive'?", "recieve")]
    [InlineData("p2pcopy --help lists the commands.", "frobnicate")]
    [InlineData("Did you mean --relay?", "send", "x", "--rleay", "ws://r")]
    [InlineData("Did you mean --bandwidth-limit?", "send", "x", "--bandwidth", "1M")]
    [InlineData("A name that begins with a dash goes after --.", "send", "--frobnicate")]
    public async Task A_mistyped_name_gets_the_nearest_one(string hint, params string[] arguments)
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync(arguments));
        Assert.Contains("hint:  ", tool.Error, StringComparison.Ordinal);
        Assert.Contains(hint, tool.Error, StringComparison.Ordinal);
        Assert.Single(tool.Error.Split('\n'), l => l.StartsWith("error:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_common_options_have_one_letter()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("send", "one", "-r", "wss://r", "-c", "abcd-efgh", "-i", "*.a", "-x", "*.b", "-b", "1MB", "-q"));
        SendOptions sent = tool.Engine.Sent!;
        Assert.Equal(("wss://r/", "abcd-efgh", 1_000_000L), (sent.Relays[0].AbsoluteUri, sent.Code!.Reveal(), sent.BandwidthLimit));
        Assert.Equal(["*.a"], sent.Include);
        Assert.Equal(["*.b"], sent.Exclude);

        Assert.Equal(0, await tool.RunAsync("receive", "-r", "wss://r", "-c", "abcd-efgh", "-d", "in", "-y", "-j"));
        Assert.Equal("in", tool.Engine.Received!.Destination);
        Assert.Equal(0, await tool.RunAsync("send", "one", "-n"));
    }

    [Theory]
    [InlineData("sub/a.txt\nb.txt\n", ".")]
    [InlineData("/data/a.txt\n/srv/b.txt\n", "/")]
    public async Task A_list_of_files_keeps_their_paths(string list, string basePath)
    {
        var tool = new ToolRun { Input = list };
        Assert.Equal(0, await tool.RunAsync("send", "--files-from", "-", "--relay", "ws://r"));
        Assert.Equal(basePath, tool.Engine.Sent!.BasePath);
        Assert.Equal(0, await tool.RunAsync("send", "--files-from", "-", "--relay", "ws://r", "--base-path", "sub"));
        Assert.Equal("sub", tool.Engine.Sent!.BasePath);

        tool = new ToolRun { Input = "a.txt\n/data/b.txt" };
        Assert.Equal(2, await tool.RunAsync("send", "--files-from", "-", "--relay", "ws://r"));
        Assert.Contains("some are relative and some absolute", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_empty_value_is_an_error_without_the_words_of_the_runtime()
    {
        foreach (Command command in CommandLine.Create(ToolRun.SilentHost()).Subcommands)
        {
            foreach (Option option in command.Options.Where(o => o.ValueType != typeof(bool) && o.HelpName is not null && o.Name != "--drain-timeout"))
                await CheckAsync(command.Name, option.Name, string.Empty);
        }

        Assert.Equal("A path is empty.", Assert.Throws<P2PException>(() => PathList.RefuseMissing(string.Empty)).Message);
        await CheckAsync("receive", string.Empty, "--relay", "ws://r", "--code", "abcd-efgh");
        await CheckAsync("receive", Code, string.Empty, "--relay", "ws://r");

        static async Task CheckAsync(params string[] arguments)
        {
            var tool = new ToolRun();
            Assert.Equal(2, await tool.RunAsync(arguments));
            Assert.DoesNotContain("Internal error", tool.Error, StringComparison.Ordinal);
            Assert.True(tool.Error.Contains("empty", StringComparison.Ordinal) || tool.Error.Contains("''", StringComparison.Ordinal), string.Join(' ', arguments) + ": " + tool.Error);
        }
    }

    [Fact]
    public void A_mistyped_path_is_refused_with_the_nearest_name()
    {
        using var folder = new Files.TemporaryFolder();
        File.WriteAllText(folder["results.csv"], "1");
        PathList.RefuseMissing(folder["results.csv"]);
        P2PException e = Assert.Throws<P2PException>(() => PathList.RefuseMissing(folder["resluts.csv"]));
        Assert.Equal((P2PErrorCode.InvalidOption, "Did you mean \"results.csv\"?"), (e.Code, e.Hint));
        Assert.Throws<P2PException>(() => PathList.RefuseMissing(folder["no/such/folder"]));
    }

    [Fact]
    public void A_link_to_nothing_is_not_missing_because_it_can_be_sent_as_a_link()
    {
        using var folder = new Files.TemporaryFolder();
        File.CreateSymbolicLink(folder["to-nothing"], folder["gone"]);
        PathList.RefuseMissing(folder["to-nothing"]);
    }

    [Fact]
    public async Task The_question_before_a_transfer_shows_the_plan()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Type("n\n");
        tool.Engine.Run = async (options, _, token) =>
        {
            var plan = new TransferPlan
            {
                Destination = "/home/me/in",
                NewFiles = 2,
                ReplacedFiles = 7,
                NewerHere = 1,
                NewerNames = ["notes\u001b.txt"],
                ReplacedNames = ["a", "b", "c", "d", "e", "f"],
                UnchangedFiles = 3,
                ExecutableFiles = 1,
                HiddenFiles = 1,
                BytesToTransfer = 26 << 20,
            };
            await ((ReceiveOptions)options).ConfirmOffer!(new TransferOffer(12, 1, 30 << 20, [new OfferEntry("notes.txt", FileReportKind.File, null, null)], 1L << 40) { Plan = plan }, token);
            return FakeEngine.Report();
        };
        Assert.Equal(130, await tool.RunAsync("receive", "--relay", "ws://r", "--code", "lab-topsecret"));
        foreach (string line in (string[])["To /home/me/in", "  2 new, 7 to replace, 3 unchanged; up to 26.0 MiB to transfer", "  Replaces newer files here:", "    notes\\x1b.txt", "    … and 1 more", "  1 file executable", "  1 file hidden"])
            Assert.Contains(line, tool.Error.Split('\n'));
    }

    [Fact]
    public async Task A_transfer_that_was_declined_ends_with_one_sentence()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (_, _, _) => Task.FromResult(FakeEngine.Report(new FileReport { Name = "a", Status = FileStatus.Unconfirmed }) with
        {
            Error = new P2PException(P2PErrorCode.PeerAborted, "The receiver declined the offer."),
        });
        Assert.Equal(8, await tool.RunAsync("send", "a", "--relay", "ws://r"));
        Assert.Empty(tool.Out);
        Assert.Equal("error: The receiver declined the offer. [PeerAborted]\n", tool.Error);
    }

    [Fact]
    public async Task A_sender_with_a_relay_shows_a_command_that_names_it()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (options, _, _) =>
        {
            options.OnEvent!(new TransferEvent.CodeGenerated(PairingCode.Parse(Code)) { Relays = options.Relays });
            return Task.FromResult(FakeEngine.Report());
        };
        await tool.RunAsync("send", "x", "--relay", "wss://relay.example");
        Assert.Contains($"    p2pcopy receive --relay wss://relay.example {Code}", tool.Lines);
    }
}
