#!/usr/bin/env bash
# Runs the two commands of README.md in two real terminals (tmux), checks that the files arrived, and draws both screens as they change:
# docs/images/transfer.sh [FILE.svg]; without a file it only checks. It needs tmux, python3 and the release build of the tool.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/Docs/terminals.sh"

mkdir -p "$work/sender/results/plots"
head -c 40000000 /dev/urandom > "$work/sender/results/run-17.h5"
seq 400000 > "$work/sender/results/events.csv"
head -c 300000 /dev/urandom > "$work/sender/results/plots/overview.png"

# Keeps both screens, to be shown for some seconds. The addresses and the name of this machine are replaced.
frames=()
frame() {
    local side file
    frames+=("$1")
    for side in sender receiver; do
        file=$work/$side-${#frames[@]}.txt
        screen "$side" -e | sed -E "s# from $(uname -n) # from laptop #;"'s#ws://\[[^]]*\]#ws://[2001:db8::7]#; s#ws://(10|172|192|198|127)\.[0-9.]*#ws://192.0.2.7#; s#now: direct, [0-9.]+#now: direct, 192.0.2.9#' > "$file"
        frames+=("$file")
    done
}

two_machines || echo "Without namespaces, both sides are on this machine, and the command has an address."
open_terminals "$work" P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DISCOVERY="$P2PCOPY_DISCOVERY" P2PCOPY_DIRECT="$P2PCOPY_DIRECT"
frame 0.8
keys sender 'p2pcopy send results'
sleep 0.3
frame 1
enter sender
wait_for sender 'Waiting for the other side'
frame 2.5
command=$(screen sender -J | sed -n 's/^ *\(p2pcopy receive .*[^ ]\) *$/\1/p' | head -1)
keys receiver "$command"
sleep 0.3
frame 1.5
enter receiver
wait_for receiver 'Receive?'
sleep 0.5 # Keys that come before the question are no answer.
frame 2.5
keys receiver y
enter receiver
for _ in 1 2 3; do
    sleep 0.15
    frame 0.4
done
wait_for receiver 'Received'
wait_for sender 'Sent'
sleep 0.3
frame 5
diff -r "$work/sender/results" "$work/receiver/results"

[ $# = 0 ] || python3 "$root/docs/images/terminal_svg.py" "$1" 'One machine|The other' "${frames[@]}"
echo 'Both commands ran as printed, and the files arrived.'
