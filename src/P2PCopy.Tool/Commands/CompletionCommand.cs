using System.CommandLine;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy completion bash|zsh|fish|pwsh</c>: prints a script for the shell that completes the options of this tool.</summary>
internal static class CompletionCommand
{
    public const string Description = "Print a script for shell completion";

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # source <(p2pcopy completion bash)
            _p2pcopy() {
                local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}"
                COMPREPLY=( $(compgen -W "$(p2pcopy "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word") )
            }
            complete -o default -o bashdefault -F _p2pcopy p2pcopy
            """,
        ["zsh"] = """
            # source <(p2pcopy completion zsh)
            _p2pcopy() {
                local -a found
                found=("${(@f)$(p2pcopy "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                compadd -- $found
                _files
            }
            compdef _p2pcopy p2pcopy
            """,
        ["fish"] = """
            # p2pcopy completion fish | source
            complete -c p2pcopy -a '(p2pcopy "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
            """,
        ["pwsh"] = """
            # p2pcopy completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName p2pcopy -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                p2pcopy "[suggest:$cursorPosition]" "$commandAst" 2>$null | Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create(ToolHost host)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh" };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } given && !Scripts.ContainsKey(given))
                result.AddError($"completion takes bash, zsh, fish or pwsh, not '{given}'.");
        });
        var command = new Command("completion", Description) { shell };
        command.SetAction(result => host.Out.WriteLine(Scripts[result.GetRequiredValue(shell)]));
        return command;
    }
}
