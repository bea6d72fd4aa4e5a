#!/usr/bin/env bash
# Runs the two commands of README.md in two real terminals (tmux), checks that the files arrived, and draws both screens as they change:
# docs/images/transfer.sh [FILE.svg]; without a file it only checks. It needs tmux, python3 and the release build of the tool.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
tmux=(tmux -L "p2pcopy-picture-$$" -f /dev/null)
trap '"${tmux[@]}" kill-server 2> /dev/null || :; rm -rf "$work" 2> /dev/null || { sleep 1; rm -rf "$work"; }' EXIT
unset P2PCOPY_RELAY P2PCOPY_CODE P2PCOPY_TOKEN
export P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off

mkdir -p "$work/sender/results/plots" "$work/receiver"
head -c 40000000 /dev/urandom > "$work/sender/results/run-17.h5"
seq 400000 > "$work/sender/results/events.csv"
head -c 300000 /dev/urandom > "$work/sender/results/plots/overview.png"
for side in sender receiver; do
    "${tmux[@]}" new-session -d -s "$side" -x 80 -y 24 -c "$work/$side" \
        env PATH="$root/artifacts/bin/P2PCopy.Tool/release:$PATH" PS1='$ ' HOME="$work" bash --norc --noprofile
done

screen() { "${tmux[@]}" capture-pane -p "${@:2}" -t "$1"; }
type() { "${tmux[@]}" send-keys -t "$1" -l "$2"; "${tmux[@]}" send-keys -t "$1" Enter; }
wait_for() {
    for _ in $(seq 300); do
        screen "$1" | grep -q "$2" && return
        sleep 0.1
    done
    screen "$1"
    echo "The $1 never said: $2"
    exit 1
}

# Keeps both screens, to be shown for some seconds. The addresses and the name of this machine are replaced.
frames=()
frame() {
    local side file
    frames+=("$1")
    for side in sender receiver; do
        file=$work/$side-${#frames[@]}.txt
        screen "$side" -e | sed -E "s# from $(uname -n) # from laptop #;"'s#ws://\[[^]]*\]#ws://[2001:db8::7]#; s#ws://(10|172|192|127)\.[0-9.]*#ws://192.0.2.7#' > "$file"
        frames+=("$file")
    done
}

wait_for sender '^\$' && wait_for receiver '^\$'
frame 0.8
"${tmux[@]}" send-keys -t sender -l 'p2pcopy send results'
sleep 0.3
frame 1
"${tmux[@]}" send-keys -t sender Enter
wait_for sender 'Waiting for the other side'
frame 2.5
command=$(screen sender -J | sed -n 's/^ *\(p2pcopy receive .*[^ ]\) *$/\1/p' | head -1)
"${tmux[@]}" send-keys -t receiver -l "$command"
sleep 0.3
frame 1.5
"${tmux[@]}" send-keys -t receiver Enter
wait_for receiver 'Receive?'
sleep 0.5 # Keys that come before the question are no answer.
frame 2.5
type receiver y
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
