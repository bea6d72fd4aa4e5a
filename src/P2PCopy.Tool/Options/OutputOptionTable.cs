using System.CommandLine;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options for the output of <c>send</c> and <c>receive</c>.</summary>
internal sealed class OutputOptionTable
{
    public Option<bool> Json { get; } = Define.Flag("--json", "One JSON object per line on standard output", "-j");

    public Option<bool> Quiet { get; } = Define.Flag("--quiet", "Print only errors and a generated code", "-q");

    public Option<bool> WhatIf { get; } = Define.Flag("--what-if", "Show the files that would be transferred, and stop", "-n");

    public void AddTo(Command command)
    {
        command.Add(Json, OptionGroup.Output);
        command.Add(Quiet, OptionGroup.Output);
        command.Add(WhatIf, OptionGroup.Output);
    }
}
