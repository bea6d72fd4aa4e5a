# shellcheck shell=bash
# Sourced: a sender and a receiver in two real terminals (tmux). It needs tmux and the release build of the tool. The caller sets `root`, and
# `relay` if it starts one; `work` is its temporary folder.
work=$(mktemp -d)
tmux=(tmux -L "p2pcopy-terminals-$$" -f /dev/null)
relay=
end_terminals() {
    "${tmux[@]}" kill-server 2> /dev/null || :
    [ -z "$relay" ] || kill "$relay" 2> /dev/null || :
    rm -rf "$work" 2> /dev/null || { sleep 1; rm -rf "$work"; }
}
trap end_terminals EXIT
unset "${!P2PCOPY_@}"
export P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off

# open_terminals HOME [NAME=VALUE...]: shells whose home is this folder; each starts in the folder of its side.
open_terminals() {
    for side in sender receiver; do
        mkdir -p "$work/$side"
        "${tmux[@]}" new-session -d -s "$side" -x 80 -y 24 -c "$work/$side" \
            env PATH="$root/artifacts/bin/P2PCopy.Tool/release:$PATH" PS1='$ ' HOME="$1" "${@:2}" bash --norc --noprofile
    done
    wait_for sender '^\$' && wait_for receiver '^\$'
}

# screen SIDE [OPTION...]: what the terminal shows.
screen() { "${tmux[@]}" capture-pane -p "${@:2}" -t "$1"; }
keys() { "${tmux[@]}" send-keys -t "$1" -l "$2"; }
enter() { "${tmux[@]}" send-keys -t "$1" Enter; }

# wait_for SIDE PATTERN: until a line of the terminal matches. A long line counts as one.
wait_for() {
    for _ in $(seq 300); do
        screen "$1" -J | grep -q "$2" && return
        sleep 0.1
    done
    screen "$1"
    echo "The $1 never said: $2"
    exit 1
}
