using P2PCopy.Tool.Codes;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>The code on the command line: where it may stand, how it is typed, and who is asked again.</summary>
public sealed class TypedCodeTests
{
    private const string Code = "7k3m9q-amber-velvet-canoe";

    [Theory]
    [InlineData("receive", Code)]
    [InlineData(Code)]
    [InlineData("receive", "7K3M9Q", "amber", "velvet", "canoe")]
    [InlineData("7k3m9q", "ambe", "velv", "cano")]
    [InlineData("receive", "7k3m9q_amber_velvet_canoe")]
    [InlineData("receive", "--yes", "\u201c7k3m9q\u2013amber\u2013velvet\u2013canoe\u201d")]
    public async Task A_code_after_receive_or_alone_is_the_code(params string[] arguments)
    {
        var tool = new ToolRun { Environment = { ["P2PCOPY_RELAY"] = "ws://r" } };
        Assert.Equal(0, await tool.RunAsync(arguments));
        Assert.Equal((Code, "."), (tool.Engine.Received!.Code!.Reveal(), tool.Engine.Received.Destination));
    }

    [Theory]
    [InlineData(Code, "in")]
    [InlineData("in", Code)]
    [InlineData("7k3m9q", "amber", "velvet", "canoe", "in")]
    public async Task A_code_and_a_folder_stand_in_any_order(params string[] words)
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(["receive", "--relay", "ws://r", .. words]));
        Assert.Equal((Code, "in"), (tool.Engine.Received!.Code!.Reveal(), tool.Engine.Received.Destination));
    }

    /// <summary>It looks like a word of a code, like a misspelled one, or is one.</summary>
    [Theory]
    [InlineData(Code, "results")]
    [InlineData(Code, "file")]
    [InlineData(Code, "amber")]
    [InlineData("7k3m9qambevelvcano", "photos")]
    [InlineData("7k3m9q", "amber", "velvet", "canoe", "results")]
    public async Task A_folder_after_a_whole_code_is_no_word_of_it(params string[] words)
    {
        using var folder = new Files.TemporaryFolder();
        string destination = folder[words[^1]];
        Assert.Equal(words[^1], TypedCode.Split(words, folderExists: _ => false)!.Folder);
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(["receive", "--relay", "ws://r", .. words[..^1], destination]));
        Assert.Equal((Code, destination), (tool.Engine.Received!.Code!.Reveal(), tool.Engine.Received.Destination));
    }

    [Fact]
    public void A_fourth_word_that_is_typed_apart_belongs_to_the_code()
        => Assert.Equal(new TypedCode(Code.Replace('-', ' ') + " anchor", null), TypedCode.Split([.. Code.Split('-'), "anchor"], folderExists: _ => false));

    [Theory]
    [InlineData("7k3m9q-amber-velvet")]
    [InlineData("7K3M9Q-amber-velvet-")]
    [InlineData("7k3m9q-amb")]
    [InlineData("7k3m9q amber velvet")]
    public async Task The_beginning_of_a_code_is_no_folder(string typed)
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("receive", "--relay", "ws://r", typed));
        Assert.Null(tool.Engine.Received);
        Assert.Contains("the beginning of a code", tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("amb", tool.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report-final")]
    [InlineData("photos")]
    [InlineData("7k3m9q-xyzw")]
    [InlineData("./7k3m9q-amber")]
    [InlineData("2026-11-30")]
    public async Task A_new_folder_may_have_a_name_with_dashes(string folder)
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--code", Code, folder));
        Assert.Equal(folder, tool.Engine.Received!.Destination);
    }

    [Fact]
    public async Task A_chosen_code_stands_before_the_folder()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "lab-topsecret", "in"));
        Assert.Equal(("lab-topsecret", "in"), (tool.Engine.Received!.Code!.Reveal(), tool.Engine.Received.Destination));
    }

    [Fact]
    public void A_folder_that_exists_is_a_folder()
        => Assert.Equal(new TypedCode(null, Code), TypedCode.Split([Code], folderExists: _ => true));

    [Fact]
    public async Task More_than_a_code_and_a_folder_is_refused()
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("receive", "--relay", "ws://r", "a", "b", "c"));
        Assert.Contains("receive takes a code and a folder, not more.", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_given_once()
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("receive", Code, "--code", "abcd-efgh", "--relay", "ws://r"));
        Assert.Contains("Give the code once", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelled_code_ends_at_once_with_2_and_does_not_repeat_it()
    {
        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("receive", "7k3m9q-amber-velvte-canoe", "--relay", "ws://r"));
        Assert.Null(tool.Engine.Received);
        Assert.Contains("word 2", tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("velvte", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_was_typed_wrong_is_asked_for_three_times()
    {
        var tool = new ToolRun { OnTerminal = true };
        tool.Type("7k3m9q-amber-velvte-canoe\nshort\n7k3m9q-amber-velvet-canoe\n");
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Equal(Code, tool.Engine.Received!.Code!.Reveal());

        tool = new ToolRun { OnTerminal = true };
        tool.Type("short\nshort\nshort\n");
        Assert.Equal(2, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Null(tool.Engine.Received);
    }

    [Fact]
    public async Task After_a_different_code_the_user_who_typed_it_is_asked_again()
    {
        int runs = 0;
        var tool = new ToolRun { OnTerminal = true };
        tool.Engine.Run = (options, _, _) => ++runs < 3
            ? throw new P2PException(P2PErrorCode.PairingFailed, "The other side used a different code.")
            : Task.FromResult(FakeEngine.Report());
        tool.Type("lab-wrongone\nlab-wrongtwo\nlab-rightone\n");
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Equal("lab-rightone", tool.Engine.Received!.Code!.Reveal());

        tool = new ToolRun { OnTerminal = true };
        tool.Engine.Run = (_, _, _) => throw new P2PException(P2PErrorCode.PairingFailed, "The other side used a different code.");
        tool.Type("lab-wrongone\nlab-wrongtwo\nlab-wrongthree\n");
        Assert.Equal(4, await tool.RunAsync("receive", "--relay", "ws://r", "--yes"));
        Assert.Empty(tool.Keys);
    }
}
