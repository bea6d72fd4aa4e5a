#!/usr/bin/env bash
# Types the transcript of docs/quickstart.md ("The fewest keys") in two terminals (tmux), counts the keys, and compares the files:
# tests/Docs/first-minute.sh. It needs tmux and the release build of the tool. The relay is saved in the settings of both sides.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/Docs/terminals.sh"
most=49

"$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy" relay --listen 127.0.0.1:0 > "$work/relay" 2>&1 &
relay=$!
for _ in $(seq 100); do grep -q '^listening on' "$work/relay" && break; sleep 0.1; done
address=$(sed -n 's/^listening on //p' "$work/relay" | head -1)
mkdir -p "$work/sender/results" "$work/home/.config/p2pcopy"
printf '{ "relay": "%s" }\n' "$address" > "$work/home/.config/p2pcopy/config.json"
chmod 600 "$work/home/.config/p2pcopy/config.json"
head -c 3000000 /dev/urandom > "$work/sender/results/data.bin"
echo 'two words' > "$work/sender/results/a file with spaces.txt"

count=0
press() { enter "$1"; count=$((count + 1)); }
type() { keys "$1" "$2"; count=$((count + ${#2})); press "$1"; }

# The lines of the page, in order: two commands and a question.
mapfile -t lines < <(sed -n '/^## The fewest keys/,/^## Without/{/^```text/,/^```/p}' "$root/docs/quickstart.md" | grep -v '^```')
[ "${#lines[@]}" = 3 ] && [ "${lines[2]}" = 'Receive? [Y/n]' ] || { printf '%s\n' "${lines[@]}"; echo 'The page has another transcript.'; exit 1; }
open_terminals "$work/home"
type sender "${lines[0]#\$ }"
wait_for sender 'Waiting for the other side'
code=$(screen sender -J | grep -E '^[0-9a-z]{6}(-[a-z]{4,7}){3} *$' | tr -d ' ')
typed=$(sed -E 's/-([a-z]{4})[a-z]*/\1/g' <<< "$code")
type receiver "$(sed "s/7k3m9qambevelvcano/$typed/" <<< "${lines[1]#\$ }")"
wait_for receiver 'Receive? \[Y/n\]'
sleep 0.5 # Keys that come before the question are no answer.
press receiver
wait_for receiver 'Received 2 files'
wait_for sender 'Sent 2 files'
diff -r "$work/sender/results" "$work/receiver/results"
[ "$count" -le "$most" ] || { echo "The transcript has $count keys, more than $most."; exit 1; }
grep -q "These are $count keys" "$root/docs/quickstart.md" || { echo "The page does not say $count keys."; exit 1; }
echo "The transcript has $count keys, and the files arrived."
