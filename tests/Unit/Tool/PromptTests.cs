using P2PCopy.Tool.Display;
using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>Questions on a terminal: how they are typed, and what they agree to.</summary>
public sealed class PromptTests
{
    private static readonly FileConflict Newer = new() { Name = "in/notes.txt", FullName = "/here/in/notes.txt", OfferedLength = 5, OfferedTime = DateTime.UnixEpoch, Length = 7, Time = DateTime.UnixEpoch.AddDays(1), IsNewerHere = true };

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abd\bc", "abc")]
    [InlineData("ac<b", "abc")]
    [InlineData("c{ab", "abc")]
    [InlineData("xbc{\u0004a", "abc")]
    [InlineData("bc{a}d", "abcd")]
    [InlineData("wrong\u0015abc", "abc")]
    [InlineData("ab-wrong\u0017c", "ab-c")]
    [InlineData("abcwrong<<<<<\u000b", "abc")]
    [InlineData("漢字<か", "漢か字")]
    [InlineData("e\u0301x<<\u0004", "x")]
    [InlineData("😀😁\b", "😀")]
    [InlineData("a\u0001\u0006b\u0005c", "abc")]
    public void A_line_has_the_keys_of_a_shell(string keys, string text)
    {
        var line = new EditedLine();
        foreach (char c in keys)
        {
            line.Apply(c switch
            {
                '<' => new ConsoleKeyInfo('\0', ConsoleKey.LeftArrow, false, false, false),
                '{' => new ConsoleKeyInfo('\0', ConsoleKey.Home, false, false, false),
                '}' => new ConsoleKeyInfo('\0', ConsoleKey.End, false, false, false),
                _ => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false),
            });
        }

        Assert.Equal(text, line.Text);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public async Task What_is_typed_is_what_the_screen_shows_in_every_width(int width)
    {
        const string Long = "chosen-漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字";
        var tool = new ToolRun { OnTerminal = true, Width = width };
        tool.Type(Long);
        for (int i = 0; i < 10; i++)
            tool.Press(ConsoleKey.LeftArrow);
        tool.Type("x\b\n");
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Equal(Long, tool.Engine.Received!.Code!.Reveal());

        string line = ScreenOf(tool.Error.Split('\n')[0], width);
        string[] parts = line.Split(": ");
        Assert.Equal(width < 60 ? "Code" : "Code (Tab completes words)", parts[0]);
        Assert.Contains(parts[1].Trim(), Long, StringComparison.Ordinal);
        Assert.InRange(parts[1].Trim().Length, 10, Long.Length);
    }

    [Fact]
    public async Task A_pasted_line_break_is_not_the_end_of_the_answer()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Type("\u001b[200~7k3m9q-amber-velvet\n-canoe\n\u001b[201~\n");
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Equal("7k3m9q-amber-velvet-canoe", tool.Engine.Received!.Code!.Reveal());
    }

    [Fact]
    public async Task An_unknown_key_sequence_types_nothing()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Type("7k3m9q-amber-\u001b[57399uvelvet-canoe\u001bOP\n");
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Equal("7k3m9q-amber-velvet-canoe", tool.Engine.Received!.Code!.Reveal());
    }

    [Theory]
    [InlineData("receive")]
    [InlineData("receive", "--code", "abcd-efgh")]
    public async Task Ctrl_C_leaves_the_question_on_a_line_of_its_own(params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        var tool = new ToolRun { OnTerminal = true, IsSilent = true };
        tool.Environment["TERM"] = "dumb";
        tool.Engine.Run = async (options, _, token) =>
        {
            await ((ReceiveOptions)options).ConfirmOffer!(Offer(new TransferPlan { Destination = "/in" }), token);
            return FakeEngine.Report();
        };
        stop.CancelAfter(TimeSpan.FromMilliseconds(200));
        Assert.Equal(130, await tool.RunAsync(stop.Token, [.. arguments, "--relay", "ws://r"]));
        string[] lines = tool.Error.Split('\n');
        int error = Array.FindIndex(lines, l => l.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Equal("error: Cancelled before anything was transferred. [Cancelled]", lines[error]);
        Assert.EndsWith(arguments.Length == 1 ? "words): " : "[Y/n] ", lines[error - 1], StringComparison.Ordinal);
    }

    /// <summary>Enter alone agrees only to new files that are plain.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false, 1)]
    [InlineData(false, 0, 1)]
    [InlineData(false, 0, 0, 1)]
    [InlineData(false, 0, 0, 0, 1)]
    [InlineData(false, 0, 0, 0, 0, 1)]
    [InlineData(false, 0, 0, 0, 0, 0, 1)]
    public async Task Enter_agrees_only_to_what_does_no_harm(
        bool agrees, int replaced = 0, int executable = 0, int hidden = 0, int links = 0, int throughLinks = 0, int folders = 0)
    {
        var plan = new TransferPlan
        {
            Destination = "/in",
            NewFiles = 3,
            ReplacedFiles = replaced,
            ExecutableFiles = executable,
            HiddenFiles = hidden,
            Links = links,
            FilesThroughLinks = throughLinks,
            ChangedFolders = folders,
        };
        (bool agreed, _, ToolRun tool) = await AskAsync(plan, "\n");
        Assert.Equal(agrees, agreed);
        Assert.Equal(agrees, tool.Error.Contains("Receive? [Y/n] ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("y\n", true, ConflictAnswer.Replace)]
    [InlineData("keep\n", true, ConflictAnswer.Keep)]
    [InlineData("n\n", false, ConflictAnswer.Keep)]
    [InlineData("e\n" + "yes\n", true, ConflictAnswer.Replace)]
    [InlineData("e\n" + "n\n", true, ConflictAnswer.Keep)]
    [InlineData("e\n" + "\n", true, ConflictAnswer.Keep)]
    [InlineData("e\n" + "what\nall\n", true, ConflictAnswer.ReplaceAll)]
    [InlineData("e\n" + "none\n", true, ConflictAnswer.KeepAll)]
    [InlineData("e\n" + "\u001b", true, ConflictAnswer.Keep)]
    public async Task Files_that_would_be_replaced_are_asked_about(string typed, bool agreed, ConflictAnswer answer)
    {
        var plan = new TransferPlan { Destination = "/in", ReplacedFiles = 1, NewerHere = 1, NewerNames = ["in/notes.txt"] };
        (bool did, ConflictAnswer? given, ToolRun tool) = await AskAsync(plan, typed);
        Assert.Equal((agreed, agreed ? answer : null), (did, given));
        Assert.Equal(ConflictPolicy.Ask, tool.Engine.Received!.OnConflict);
        if (typed.StartsWith('e'))
            Assert.Contains("  here:    7 B, ", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_and_pipes_are_never_asked_about_files()
    {
        foreach (string[] more in (string[][])[["--yes"], ["--json"], []])
        {
            var tool = new ToolRun { OnTerminal = more.Length > 0 };
            Assert.Equal(0, await tool.RunAsync(["receive", "--relay", "ws://r", "--code", "abcd-efgh", .. more]));
            Assert.Null(tool.Engine.Received!.OnConflict);
            Assert.Null(tool.Engine.Received.ResolveConflict);
        }

        var piped = new ToolRun();
        Assert.Equal(2, await piped.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh", "--on-conflict", "ask"));
        Assert.Contains("which needs a terminal", piped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_without_a_question()
    {
        (bool agreed, _, ToolRun tool) = await AskAsync(new TransferPlan { Destination = "/in", NewFiles = 1, MissingBytes = 3 << 20 }, typed: "");
        Assert.False(agreed); // a moment later it might fit, and no one was asked
        Assert.DoesNotContain("Receive?", tool.Error, StringComparison.Ordinal);
        Assert.Contains("error: The transfer needs 3.0 MiB more than \"/in\" has free. [InsufficientSpace]", tool.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("NO_COLOR", "1", false)]
    [InlineData("TERM", "dumb", false)]
    public async Task Errors_have_colours_on_a_terminal_that_takes_them(string? variable, string? value, bool hasColour)
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Environment.Remove("NO_COLOR");
        if (variable is not null)
            tool.Environment[variable] = value!;
        Assert.Equal(2, await tool.RunAsync("sned", "x"));
        string expected = hasColour ? "\u001b[1;31merror:\u001b[0m There is no command 'sned'.\n\u001b[36mhint:\u001b[0m  Did you" : "error: There is no command 'sned'.\nhint:  Did you";
        Assert.StartsWith(expected, tool.Error, StringComparison.Ordinal);

        var file = new ToolRun();
        file.Environment.Remove("NO_COLOR");
        Assert.Equal(2, await file.RunAsync("sned", "x"));
        Assert.DoesNotContain('\u001b', file.Error);
    }

    private static TransferOffer Offer(TransferPlan plan) => new(1, 0, 5, [new OfferEntry("notes.txt", FileReportKind.File, 5, null)], 1 << 30) { Plan = plan };

    private static async Task<(bool Agreed, ConflictAnswer? Answer, ToolRun Tool)> AskAsync(TransferPlan plan, string typed)
    {
        bool agreed = false;
        ConflictAnswer? answer = null;
        var tool = new ToolRun { OnTerminal = true };
        tool.Type(typed);
        tool.Engine.Run = async (options, _, token) =>
        {
            agreed = await ((ReceiveOptions)options).ConfirmOffer!(Offer(plan), token);
            if (agreed && plan.ReplacedFiles > 0)
                answer = await ((ReceiveOptions)options).ResolveConflict!(Newer, token);
            return FakeEngine.Report();
        };
        await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh");
        return (agreed, answer, tool);
    }

    /// <summary>The line that a terminal shows after carriage returns and backspaces; it must never be full.</summary>
    private static string ScreenOf(string written, int width)
    {
        var cells = new List<string>();
        int at = 0;
        foreach (System.Text.Rune rune in written.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\r':
                    at = 0;
                    break;
                case '\b':
                    at--;
                    break;
                default:
                    int columns = HumanText.Columns(rune.ToString());
                    while (cells.Count < at + columns)
                        cells.Add(" ");
                    cells[at] = rune.ToString();
                    if (columns == 2)
                        cells[at + 1] = string.Empty;
                    at += columns;
                    break;
            }

            Assert.InRange(at, 0, width - 1);
        }

        return string.Concat(cells);
    }
}
