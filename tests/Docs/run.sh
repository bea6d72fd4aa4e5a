#!/usr/bin/env bash
# Runs the commands of the documentation exactly as printed: tests/Docs/run.sh [PAGE...]
#
# The script runs every fenced block of the languages sh and powershell. All blocks of a page run in order, in one shell
# and one folder. A comment on the line before a block changes this:
#   <!-- not run: REASON -->     the block is not run
#   <!-- run by: FILE -->        another test runs the block
#   <!-- typed by FILE -->       another test types the commands of a block that is text
#   <!-- beside the next -->     the block is one side of a transfer and runs at the same time as the next block
# Each page gets a folder with results/ in it, a relay that replaces wss://relay.example, and its own HOME. README.md runs
# in a new clone without the tool on PATH, as on a machine that has only the .NET SDK.
set -uo pipefail
. "$(dirname "$0")/../prelude.sh"
tool=$root/artifacts/bin/P2PCopy.Tool/release
passed=0 failed=0 unrun=0 elsewhere=0

# Writes each block to $2/NN.sh or NN.ps1, and the way to run it to $2/NN.how.
blocks() {
    awk -v out="$2" -v page="$1" '
        function fail(text) { print page ":" NR ": " text > "/dev/stderr"; bad = 1 }
        !inside && /^```(sh|powershell)$/ {
            inside = 1; wanted = 1; n++
            file = sprintf("%s/%03d.%s", out, n, $0 == "```sh" ? "sh" : "ps1")
            how = "run"
            if (before ~ /^<!-- not run: .+ -->$/) how = "not run"
            else if (before ~ /^<!-- run by: [^ ]+ -->$/) { how = "by"; split(before, part, " "); print part[4] > (out "/by") }
            else if (before == "<!-- beside the next -->") how = "beside"
            else if (before ~ /^<!--/) fail("unknown comment before a block: " before)
            printf "%s\t%d\n", how, NR > sprintf("%s/%03d.how", out, n)
            next
        }
        !inside && /^```(bash|shell|console|pwsh|ps1)/ { fail("use the language sh or powershell, so that the commands are run") }
        !inside && /^```./ { inside = 1; wanted = 0; typed = before ~ /^<!-- typed by [^ ]+ -->$/; next }
        inside && /^```$/ { inside = 0; before = ""; if (wanted) close(file); next }
        inside && wanted { print > file }
        inside && !wanted && !typed && /^(\$ |PS> )?(p2pcopy (send|receive|relay|code|demo|test)|dotnet (build|run|test|tool)|Send-P2PFile|Receive-P2PFile) / && page !~ /cmdlets\// {
            fail("a command in a block that is not run: " $0)
        }
        !inside && NF { before = $0 }
        END { exit bad }
    ' "$root/$1"
}

# Prints one script for a page: all blocks in order; pwsh runs the PowerShell blocks.
script() {
    local how line file n
    echo 'set -euo pipefail'
    for file in "$1"/*.how; do
        [ -e "$file" ] || continue
        IFS=$'\t' read -r how line < "$file"
        n=${file%.how}
        [ "$how" = run ] || [ "$how" = beside ] || continue
        local body="$n.sh"
        if [ -e "$n.ps1" ]; then
            printf "\$ErrorActionPreference = 'Stop'\n%s\n" "$(sed -E "s#wss://relay\.example(\$|[^.])#$address\1#g" "$n.ps1")" > "$n.ps1.run.ps1"
            printf 'pwsh -NoProfile -NonInteractive -File %q\n' "$n.ps1.run.ps1" > "$n.run"
        else
            sed -E "s#wss://relay\.example(\$|[^.])#$address\1#g" "$body" > "$n.run"
        fi
        echo "at=$line"
        if [ "$how" = beside ]; then
            printf '(\n%s\n) & beside=$!\n' "$(cat "$n.run")"
        else
            cat "$n.run"
            # "&&" or "if" at the end of a block must not hide its failure.
            echo 'if [ -n "${beside:-}" ]; then wait "$beside"; beside=; fi'
        fi
    done
}

page() {
    local name=$1 folder how
    folder=$(mktemp -d "$work/XXXXXX")
    mkdir -p "$folder/blocks" "$folder/home" "$folder/here/results/run 1"
    printf 'alpha\n' > "$folder/here/results/a.txt"
    seq 2000 > "$folder/here/results/run 1/b.csv"
    if ! blocks "$name" "$folder/blocks"; then
        failed=$((failed + 1))
        return
    fi
    if [ -e "$folder/blocks/by" ]; then
        while read -r by; do
            [ -e "$root/$by" ] || { echo "$name: there is no $by"; failed=$((failed + 1)); }
        done < "$folder/blocks/by"
    fi
    # Without pwsh, PowerShell blocks are skipped, and so is the other side of their transfer.
    local run=0 skip=0 before= runs
    for how in "$folder"/blocks/*.how; do
        [ -e "$how" ] || continue
        runs=$(cut -f1 "$how")
        if [ "$runs" = run ] || [ "$runs" = beside ]; then
            run=$((run + 1))
            if ! command -v pwsh > /dev/null && { [ -e "${how%.how}.ps1" ] || [ "$before" = dropped ]; }; then
                run=$((run - 1))
                if [ "$before" = beside ]; then
                    run=$((run - 1)) skip=$((skip + 1))
                    printf 'not run\t0\n' > "$last"
                fi
                [ "$runs" = beside ] && runs=dropped || runs='not run'
                printf 'not run\t0\n' > "$how"
                skip=$((skip + 1))
            fi
        elif [ "$runs" = by ]; then
            elsewhere=$((elsewhere + 1))
        else
            skip=$((skip + 1))
        fi
        before=$runs last=$how
    done
    unrun=$((unrun + skip))
    [ "$run" -gt 0 ] || return
    script "$folder/blocks" > "$folder/script"

    local path=$tool:$PATH here=$folder/here
    if [ "$name" = README.md ]; then
        path=$PATH here=$folder/clone
        git clone -q "$root" "$here"
        cp -r "$folder/here/results" "$here/"
    fi
    if (cd "$here" && exec env HOME="$folder/home" PATH="$path" NUGET_PACKAGES="${NUGET_PACKAGES:-$HOME/.nuget/packages}" DOTNET_CLI_HOME="$HOME" \
        PSModulePath="$root/artifacts/module" timeout 300 bash -c '
            trap '\''status=$?; [ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null; [ $status = 0 ] || echo "the block at line ${at:-?} ended with $status"; exit $status'\'' EXIT
            . "$1"' page "$folder/script") > "$folder/log" 2>&1 < /dev/null; then
        passed=$((passed + run))
        printf '%-34s %2d run, %2d not\n' "$name" "$run" "$skip"
    else
        failed=$((failed + 1))
        printf '%-34s FAILED\n' "$name"
        sed 's/^/    /' "$folder/log" | tail -40
    fi
}

start_relay "$tool/p2pcopy" relay
cd "$root"
[ $# -gt 0 ] || set -- README.md CONTRIBUTING.md SECURITY.md docs/*.md docs/cmdlets/*.md src/*/README.md $(ls examples/*.md 2> /dev/null)
for name; do
    page "$name"
done
printf '%d blocks are run by other tests.\n' "$elsewhere"
printf 'Documentation: %d passed, %d failed, %d not run\n' "$passed" "$failed" "$unrun"
[ "$failed" -eq 0 ]
