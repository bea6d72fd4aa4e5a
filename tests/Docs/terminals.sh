# shellcheck shell=bash
# Sourced: a sender and a receiver in two real terminals (tmux). It needs tmux and the release build of the tool. The caller sets `root`, and
# `relay` if it starts one; `work` is its temporary folder.
work=$(mktemp -d)
tmux=(tmux -L "p2pcopy-terminals-$$" -f /dev/null)
relay=
end_terminals() {
    "${tmux[@]}" kill-server 2> /dev/null || :
    [ -z "$relay" ] || kill "$relay" 2> /dev/null || :
    for network in "${networks[@]}"; do ip netns del "$network"; done
    rm -rf "$work" 2> /dev/null || { sleep 1; rm -rf "$work"; }
}
trap end_terminals EXIT
declare -A inside=([sender]='' [receiver]='')
networks=()
unset "${!P2PCOPY_@}"
export P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off

# Puts each side on a machine of its own, with one cable between them, where the code alone is enough. False where that is not possible.
two_machines() {
    local one=p2pcopy-docs-$$-1 other=p2pcopy-docs-$$-2 number=1
    [ "$(id -u)" = 0 ] && ip netns add "$one" 2> /dev/null || return
    networks=("$one")
    ip netns add "$other" && networks+=("$other") && ip link add cable netns "$one" type veth peer name cable netns "$other" || return
    for network in "${networks[@]}"; do
        ip -n "$network" addr add "198.51.100.$number/24" dev cable
        ip -n "$network" link set lo up
        ip -n "$network" link set cable up
        number=$((number + 1))
    done
    for network in "${networks[@]}"; do
        until [ "$(ip netns exec "$network" cat /sys/class/net/cable/operstate)" = up ]; do sleep 0.1; done
    done
    inside=([sender]="ip netns exec $one" [receiver]="ip netns exec $other")
    export P2PCOPY_DISCOVERY=auto P2PCOPY_DIRECT=auto
}

# open_terminals HOME [NAME=VALUE...]: shells whose home is this folder; each starts in the folder of its side.
open_terminals() {
    for side in sender receiver; do
        mkdir -p "$work/$side"
        "${tmux[@]}" new-session -d -s "$side" -x 80 -y 24 -c "$work/$side" \
            ${inside[$side]} env PATH="$root/artifacts/bin/P2PCopy.Tool/release:$PATH" PS1='$ ' HOME="$1" "${@:2}" bash --norc --noprofile
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
