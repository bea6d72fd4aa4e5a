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
                local typed=${COMP_WORDS[COMP_CWORD]} word description
                local -a words=() described=()
                while IFS=$'\t' read -r word description; do
                    [[ $word == "$typed"* ]] || continue
                    words+=("$word")
                    described+=("$word${description:+  ($description)}")
                done < <(p2pcopy "[complete:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
                # Several words are listed with their descriptions, but a menu inserts what it shows.
                if ((${#words[@]} > 1 && COMP_TYPE != 37)); then
                    COMPREPLY=("${described[@]}")
                else
                    COMPREPLY=("${words[@]}")
                fi
            }
            complete -o default -o bashdefault -F _p2pcopy p2pcopy
            """,
        ["zsh"] = """
            # source <(p2pcopy completion zsh), after compinit
            _p2pcopy() {
                local -a found
                local line word description
                for line in "${(@f)$(p2pcopy "[complete:$CURSOR]" "$BUFFER" 2>/dev/null)}"; do
                    word=${line%%$'\t'*} description=${line#*$'\t'}
                    [[ -n $word ]] && found+=("${word//:/\\:}${description:+:$description}")
                done
                if (( $#found )); then
                    _describe -t words p2pcopy found
                elif [[ $PREFIX != -* ]]; then
                    _files
                fi
            }
            compdef _p2pcopy p2pcopy
            """,
        ["fish"] = """
            # p2pcopy completion fish | source
            function __p2pcopy
                set -l found (p2pcopy "[complete:"(commandline -C)"]" (commandline) 2>/dev/null)
                if test (count $found) -gt 0
                    printf '%s\n' $found
                else
                    __fish_complete_path (commandline -ct)
                end
            end
            complete -c p2pcopy -f -a '(__p2pcopy)'
            """,
        ["pwsh"] = """
            # p2pcopy completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName p2pcopy -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                # The text of the command ends before the spaces in front of the cursor.
                $line = "$commandAst".PadRight($cursorPosition)
                p2pcopy "[complete:$cursorPosition]" $line 2>$null | ForEach-Object {
                    $word, $description = $_ -split "`t", 2
                    if ($word -like "$wordToComplete*") {
                        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', ($description ? $description : $word))
                    }
                }
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
