#!/usr/bin/env bash
# Measures the start of the tool, and a transfer of one tiny file through a running relay: bench/startup.sh TOOL...
# The tools take turns. The results are medians of RUNS (default 15). CPU is user and system time; for a transfer, of both sides.
set -euo pipefail
. "$(dirname "$0")/../tests/prelude.sh"
[ $# -gt 0 ] || set -- "$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy"
runs=${RUNS:-15}
export P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off P2PCOPY_CODE=abcdef-start-up-time TIMEFORMAT='%R %U %S'
start_relay "$1" relay --max-joins-per-minute-per-room 0 --max-joins-per-minute-per-address 0
echo tiny > "$work/tiny.txt"

send() {
    "$1" send "$work/tiny.txt" --relay "$address" --quiet &
    "$1" receive "$work/in" --relay "$address" --quiet
    wait $!
    rm -rf "$work/in"
}

median() { sort -n | awk '{ all[NR] = $1 } END { printf "%4.0f", 1000 * (NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2) }'; }
row() { printf '%-8s wall %s ms, CPU %s ms   %s\n' "$1" "$(awk '{ print $1 }' "$2" | median)" "$(awk '{ print $2 + $3 }' "$2" | median)" "$3"; }

for _ in $(seq "$runs"); do
    n=0
    for tool; do
        n=$((n + 1))
        { time "$tool" --help > /dev/null; } 2>> "$work/help.$n"
        { time send "$tool" > /dev/null; } 2>> "$work/send.$n"
    done
done
n=0
for tool; do
    n=$((n + 1))
    row --help "$work/help.$n" "$tool"
    row 'send' "$work/send.$n" "$tool"
done
