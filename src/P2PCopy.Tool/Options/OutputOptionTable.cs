using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>The options for the output of <c>send</c> and <c>receive</c>.</summary>
internal sealed class OutputOptionTable
{
    public Option<bool> Json { get; } = Define.Flag("--json", "One JSON object per line on standard output");

    public Option<bool> Quiet { get; } = Define.Flag("--quiet", "Print only errors and a generated code");

    public Option<bool> WhatIf { get; } = Define.Flag("--what-if", "Show the files that would be transferred, and stop");

    public void AddTo(Command command)
    {
        command.Options.Add(Json);
        command.Options.Add(Quiet);
        command.Options.Add(WhatIf);
    }
}
