using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>How the tool talks.</summary>
internal sealed class OutputOptionTable
{
    public Option<bool> Json { get; } = Define.Flag("--json", "One JSON object a line on standard output");

    public Option<bool> Quiet { get; } = Define.Flag("--quiet", "Only errors (and the code, if one is made)");

    public Option<bool> WhatIf { get; } = Define.Flag("--what-if", "Show what would be transferred and stop");

    public void AddTo(Command command)
    {
        command.Options.Add(Json);
        command.Options.Add(Quiet);
        command.Options.Add(WhatIf);
    }
}
