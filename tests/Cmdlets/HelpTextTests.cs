using System.Management.Automation;
using P2PCopy.Cmdlets;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What <c>Get-Help</c> shows, as PowerShell renders it.</summary>
public sealed class HelpTextTests : IDisposable
{
    private readonly PowerShellSession _session = new();

    public static TheoryData<string> Commands
        => [.. typeof(P2POffer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PSCmdlet)) && !t.IsAbstract)
            .Select(t => (CmdletAttribute)Attribute.GetCustomAttribute(t, typeof(CmdletAttribute))!).Select(c => $"{c.VerbName}-{c.NounName}")];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_points_at_no_page_that_is_not_there(string command)
    {
        string text = Help(command, "");
        Assert.Contains(command, text, StringComparison.Ordinal);
        Assert.DoesNotContain("-Online", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("See also", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_choice_is_shown_with_its_values_and_each_value_is_explained(string command)
    {
        string syntax = string.Concat(Help(command, "").Where(c => !char.IsWhiteSpace(c)));
        foreach (ParameterMetadata parameter in Parameters(command))
        {
            Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (!type.IsEnum)
                continue;
            Assert.Contains($"[-{parameter.Name}{{{string.Join('|', Enum.GetNames(type))}}}]", syntax, StringComparison.Ordinal);
            string description = _session.Run($"(Get-Help {command} -Parameter {parameter.Name}).Description.Text").Text;
            Assert.All(Enum.GetNames(type), value => Assert.Matches($@"\b{value}\b", description));
        }
    }

    /// <summary>Only a switch is shown without a value.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void A_parameter_without_a_value_is_a_switch(string command)
    {
        string syntax = Help(command, "");
        syntax = string.Concat(syntax[syntax.IndexOf("SYNTAX", StringComparison.Ordinal)..syntax.IndexOf("DESCRIPTION", StringComparison.Ordinal)].Where(c => !char.IsWhiteSpace(c)));
        foreach (ParameterMetadata parameter in Parameters(command))
        {
            bool bare = syntax.Contains($"[-{parameter.Name}]" + "[", StringComparison.Ordinal);
            Assert.True(bare == parameter.SwitchParameter || syntax.Contains($"[-{parameter.Name}]<", StringComparison.Ordinal), $"{command} -{parameter.Name}");
        }
    }

    /// <summary>An example that waits for a relay must end if the relay does not start.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void A_loop_of_an_example_ends_if_its_job_fails(string command)
    {
        string text = Help(command, "-Examples");
        Assert.DoesNotMatch(@"while \(-not \(\$info = Receive-Job \$relay\)\)", text);
        Assert.DoesNotMatch(@"while \(\$true\)", text);
    }

    [Theory]
    [InlineData("about_P2PCopy")]
    [InlineData("about_P2PCopy_Security")]
    public void A_topic_is_there_and_fits_80_columns(string topic)
        => Assert.All(File.ReadLines(Path.Combine(StagedModule.Folder, "en-US", topic + ".help.txt")).Where(l => !l.StartsWith("        ", StringComparison.Ordinal)), l => Assert.InRange(l.Length, 0, 79));

    public void Dispose() => _session.Dispose();

    private string Help(string command, string how) => _session.Run($"Get-Help {command} {how} | Out-String -Width 120").Text;

    private IEnumerable<ParameterMetadata> Parameters(string command)
        => ((CommandInfo)_session.Run($"Get-Command {command}").Only.BaseObject).Parameters.Values
            .Where(p => !PSCmdlet.CommonParameters.Contains(p.Name) && !PSCmdlet.OptionalCommonParameters.Contains(p.Name));
}
