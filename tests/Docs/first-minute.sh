#!/usr/bin/env bash
# Types the transcript of docs/quickstart.md ("The fewest keys") in two terminals (tmux), counts the keys, and compares the files:
# tests/Docs/first-minute.sh. It needs tmux and the release build of the tool. The relay is saved in the settings of both sides.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tool=$root/artifacts/bin/P2PCopy.Tool/release
most=49
work=$(mktemp -d)
tmux=(tmux -L "p2pcopy-minute-$$" -f /dev/null)
trap '"${tmux[@]}" kill-server 2> /dev/null || :; kill "$relay" 2> /dev/null || :; rm -rf "$work" 2> /dev/null || { sleep 1; rm -rf "$work"; }' EXIT
unset "${!P2PCOPY_@}"
export P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off

"$tool/p2pcopy" relay --listen 127.0.0.1:0 > "$work/relay" 2>&1 &
relay=$!
for _ in $(seq 100); do grep -q '^listening on' "$work/relay" && break; sleep 0.1; done
address=$(sed -n 's/^listening on //p' "$work/relay" | head -1)
mkdir -p "$work/sender/results" "$work/receiver" "$work/home/.config/p2pcopy"
printf '{ "relay": "%s" }\n' "$address" > "$work/home/.config/p2pcopy/config.json"
chmod 600 "$work/home/.config/p2pcopy/config.json"
head -c 3000000 /dev/urandom > "$work/sender/results/data.bin"
echo 'two words' > "$work/sender/results/a file with spaces.txt"
for side in sender receiver; do
    "${tmux[@]}" new-session -d -s "$side" -x 80 -y 24 -c "$work/$side" \
        env PATH="$tool:$PATH" PS1='$ ' HOME="$work/home" bash --norc --noprofile
done

keys=0
screen() { "${tmux[@]}" capture-pane -p -J -t "$1"; }
enter() { "${tmux[@]}" send-keys -t "$1" Enter; keys=$((keys + 1)); }
type() { "${tmux[@]}" send-keys -t "$1" -l "$2"; keys=$((keys + ${#2})); enter "$1"; }
wait_for() {
    for _ in $(seq 300); do
        screen "$1" | grep -q "$2" && return
        sleep 0.1
    done
    screen "$1"
    echo "The $1 never said: $2"
    exit 1
}

# The lines of the page, in order: two commands and a question.
mapfile -t lines < <(sed -n '/^## The fewest keys/,/^## Without/{/^```text/,/^```/p}' "$root/docs/quickstart.md" | grep -v '^```')
[ "${#lines[@]}" = 3 ] && [ "${lines[2]}" = 'Receive? [Y/n]' ] || { printf '%s\n' "${lines[@]}"; echo 'The page has another transcript.'; exit 1; }
wait_for sender '^\$' && wait_for receiver '^\$'
type sender "${lines[0]#\$ }"
wait_for sender 'Waiting for the other side'
code=$(screen sender | grep -E '^[0-9a-z]{6}(-[a-z]{4,7}){3} *$' | tr -d ' ')
typed=$(sed -E 's/-([a-z]{4})[a-z]*/\1/g' <<< "$code")
type receiver "$(sed "s/7k3m9qambevelvcano/$typed/" <<< "${lines[1]#\$ }")"
wait_for receiver 'Receive? \[Y/n\]'
sleep 0.5 # Keys that come before the question are no answer.
enter receiver
wait_for receiver 'Received 2 files'
wait_for sender 'Sent 2 files'
diff -r "$work/sender/results" "$work/receiver/results"
[ "$keys" -le "$most" ] || { echo "The transcript has $keys keys, more than $most."; exit 1; }
grep -q "These are $keys keys" "$root/docs/quickstart.md" || { echo "The page does not say $keys keys."; exit 1; }
echo "The transcript has $keys keys, and the files arrived."
