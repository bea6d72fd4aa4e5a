using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Documentation;

/// <summary>The page of all options and the completion of the tool agree with the declarations.</summary>
public sealed class OptionPageTests
{
    /// <summary>With P2PCOPY_UPDATE_SNAPSHOTS=1 the page is written instead of compared.</summary>
    [Fact]
    public void The_page_of_the_options_is_current()
    {
        string file = Path.Combine(Repository.Root, "docs", "options.md");
        string page = OptionPage.Render();
        if (Environment.GetEnvironmentVariable("P2PCOPY_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(file, page);
        Assert.True(
            page == File.ReadAllText(file),
            "docs/options.md differs from the declarations. Write it again: P2PCOPY_UPDATE_SNAPSHOTS=1 dotnet test --filter-class \"*OptionPageTests\"");
    }

    [Fact]
    public async Task The_tool_completes_every_option_and_its_values()
    {
        (string Command, OptionDefinition[] Options)[] commands =
        [
            ("send", [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All]),
            ("receive", [.. TransferOptionList.For<ReceiveOptions>(), .. ReceiveOptionList.All]),
            ("relay", [.. RelayOptionList.All]),
            ("test", [.. RelayTestOptionList.All]),
        ];
        foreach ((string name, OptionDefinition[] options) in commands)
        {
            string[] offered = await CompleteAsync(name, "--");
            foreach (OptionDefinition option in options.Where(o => o.Has(OptionFaces.Tool) && o.ToolName.StartsWith("--", StringComparison.Ordinal)))
            {
                Assert.Contains(option.ToolName, offered);
                if (option.Choices.Count > 0)
                    Assert.Equal(option.Choices.Order(StringComparer.Ordinal), (await CompleteAsync(name, option.ToolName, "")).Order(StringComparer.Ordinal));
            }
        }
    }

    private static async Task<string[]> CompleteAsync(params string[] words)
    {
        var tool = new ToolRun();
        string line = "p2pcopy " + string.Join(' ', words);
        Assert.Equal(0, await tool.RunAsync($"[complete:{line.Length}]", line));
        return [.. tool.Lines.Select(l => l.Split('\t')[0])];
    }
}
