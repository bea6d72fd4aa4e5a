#!/usr/bin/env bash
# Compares a transfer of random bytes through the relay with what the machine must spend on it at least, in one run:
#   limit = 2 x SHA-256 + 2 x AES-256-GCM (openssl speed) + all CPU of the same bytes through a plain TCP relay (socat).
# Needs: a release build of the tool, openssl, socat, GNU time. Usage: bench/transfer-limit.sh [MiB] [runs] [send options...]
set -euo pipefail
cd "$(dirname "$0")/.."
mib=${1:-1024} runs=${2:-3}
shift $(($# < 2 ? $# : 2))
tool=$PWD/artifacts/bin/P2PCopy.Tool/release/p2pcopy
work=$(mktemp -d -p "${P2PCOPY_BENCH_DIR:-/dev/shm}")
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
export P2PCOPY_CODE=bench1-correct-horse-battery
head -c $((mib * 1048576)) /dev/urandom >"$work/random.bin"

# Bytes a second of one core, in thousands, from openssl's last column.
speed() { openssl speed -seconds 1 -bytes 16384 -evp "$1" 2>/dev/null | awk 'END { sub(/k$/, "", $NF); print $NF * 1000 }'; }
port() { "$tool" relay --listen 127.0.0.1:0 --quiet >"$work/port" & local p=$!; sleep 0.7; kill $p; wait $p || true; sed -E 's/.*:([0-9]+)$/\1/' "$work/port"; }
cpu() { awk '{ s += $1 + $2 } END { print s }' "$@"; }

for run in $(seq "$runs"); do
    sha=$(speed sha256) gcm=$(speed aes-256-gcm)

    in=$(port) out=$(port)
    command time -o "$work/t1" -f '%U %S' socat -u -b 65536 "TCP-LISTEN:$out,bind=127.0.0.1,reuseaddr" - >"$work/copy" & sink=$!
    command time -o "$work/t2" -f '%U %S' socat -b 65536 "TCP-LISTEN:$in,bind=127.0.0.1,reuseaddr" "TCP:127.0.0.1:$out" & middle=$!
    sleep 0.5
    begin=$(date +%s.%N)
    command time -o "$work/t3" -f '%U %S' sh -c "cat '$work/random.bin' | socat -u -b 65536 - TCP:127.0.0.1:$in"
    wait $sink $middle
    plain=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
    rm "$work/copy"

    rm -f "$work/url"
    command time -o "$work/r1" -f '%U %S %M' "$tool" relay --listen 127.0.0.1:0 --quiet >"$work/url" & relay=$!
    until [ -s "$work/url" ]; do sleep 0.05; done
    url=$(awk '{ print $3 }' "$work/url")
    begin=$(date +%s.%N)
    command time -o "$work/r2" -f '%U %S %M' "$tool" receive "$work/out" --relay "$url" --yes --quiet >/dev/null & receiver=$!
    command time -o "$work/r3" -f '%U %S %M' "$tool" send "$work/random.bin" --relay "$url" --quiet "$@" >/dev/null
    wait $receiver
    wall=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
    pkill -TERM -P $relay
    wait $relay || true
    cmp "$work/random.bin" "$work/out/random.bin"
    rm -r "$work/out"

    awk -v run="$run" -v mib="$mib" -v sha="$sha" -v gcm="$gcm" -v socat="$(cpu "$work/t1" "$work/t2" "$work/t3")" -v plain="$plain" \
        -v cpu="$(cpu "$work/r1" "$work/r2" "$work/r3")" -v wall="$wall" -v peaks="$(awk '{ printf "%d ", $3 / 1024 }' "$work/r3" "$work/r2" "$work/r1")" 'BEGIN {
        bytes = mib * 1048576; limit = 2 * bytes / sha + 2 * bytes / gcm + socat
        printf "run %d: limit %.2f CPU s (socat %.2f CPU s, %.2f s wall) | p2pcopy %.2f CPU s = %.2f x limit, %.2f s wall = %.2f x limit/2 | peak MiB sender, receiver, relay: %s\n",
            run, limit, socat, plain, cpu, cpu / limit, wall, wall / (limit / 2), peaks }'
done
