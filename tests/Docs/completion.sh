#!/usr/bin/env bash
# Presses Tab in bash, zsh and fish, in a real terminal (tmux): commands and values come with their descriptions and without files, and files
# where files belong: tests/Docs/completion.sh. It needs tmux and the release build of the tool; a shell that is not installed is left out.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
tmux=(tmux -L "p2pcopy-completion-$$" -f /dev/null)
trap '"${tmux[@]}" kill-server 2> /dev/null; rm -rf "$work"' EXIT
passed=0
failed=0
touch "$work/a-file"

screen() { "${tmux[@]}" capture-pane -p -t "$1"; }
keys() { "${tmux[@]}" send-keys -t "$1" "${@:2}"; }
# wait_for SHELL PATTERN
wait_for() {
    for _ in $(seq 100); do
        screen "$1" | grep -qE -e "$2" && return
        sleep 0.1
    done
    return 1
}
# tab SHELL LINE PATTERN [ABSENT]: after Tab the screen has the pattern, and not the other text.
tab() {
    keys "$1" C-c
    keys "$1" -l ' clear'
    keys "$1" Enter
    sleep 0.3
    keys "$1" -l "$2"
    for _ in 1 2; do
        keys "$1" Tab
        sleep 0.3
    done
    if wait_for "$1" "$3" && { [ -z "${4:-}" ] || ! screen "$1" | tail -n +2 | grep -q -e "$4"; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1: '$2' and Tab do not show '$3'${4:+ without '$4'}:"
        screen "$1" | sed '/^$/d'
    fi
}

declare -A start=([bash]='bash --norc --noprofile' [zsh]='zsh -f' [fish]='fish --no-config')
declare -A load=(
    [bash]='source <(p2pcopy completion bash)'
    [zsh]='autoload -Uz compinit; compinit -u; source <(p2pcopy completion zsh)'
    [fish]='p2pcopy completion fish | source')
for shell in bash zsh fish; do
    command -v "$shell" > /dev/null || { echo "$shell is not installed."; continue; }
    "${tmux[@]}" new-session -d -s "$shell" -x 120 -y 40 -c "$work" \
        env -i HOME="$work" PATH="$root/artifacts/bin/P2PCopy.Tool/release:/usr/bin:/bin" TERM=xterm-256color LANG=C.UTF-8 DOTNET_ROOT="${DOTNET_ROOT:-}" ${start[$shell]}
    sleep 1
    keys "$shell" -l "${load[$shell]}; echo is-\"loaded\""
    keys "$shell" Enter
    wait_for "$shell" '^is-loaded' || { echo "FAILED: $shell did not start."; failed=$((failed + 1)); continue; }
    tab "$shell" 'p2pcopy ' 'receive .*Receive the files that a sender' a-file
    tab "$shell" 'p2pcopy receive --on-conflict ' 'overwrite' a-file
    tab "$shell" 'p2pcopy receive --conn' '--connection'
    tab "$shell" 'p2pcopy send a-f' 'send a-file'
    tab "$shell" 'p2pcopy completion ' 'pwsh' a-file
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
