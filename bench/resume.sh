#!/usr/bin/env bash
# Measures a resume: bench/resume.sh [MiB]
# Copies a file of random bytes (4096 MiB by default), kills both programs when 88 % have arrived, and copies again. Prints the time of the
# second run and of `sha256sum` of both copies, the peak of resident memory of both programs, and the bytes that travelled.
# It needs the built tool, GNU time, curl, and three times the size on the disk of TMPDIR.
set -euo pipefail
mebibytes=${1:-4096}
root=$(cd "$(dirname "$0")/.." && pwd)
tool=${P2PCOPY:-$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy}
work=$(mktemp -d)
cd "$work"
export P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DIRECT=Off P2PCOPY_DISCOVERY=Off P2PCOPY_CODE=7k3m9q-amber-violin-canoe
trap 'kill "${relay:-}" 2> /dev/null || true; cd /; rm -rf "$work"' EXIT

head -c "${mebibytes}M" /dev/urandom > file
mkfifo listening
"$tool" relay --listen 127.0.0.1:0 > listening 2> /dev/null & relay=$!
read -r line < listening
address=${line#listening on }
travelled() { curl -s "http://${address#ws://}/metrics" | sed -n 's/^p2pcopy_relay_bytes_total{from="[a-z]*"} //p' | paste -sd+ | bc; }

"$tool" receive --relay "$address" --destination in > /dev/null 2>&1 & receiver=$!
"$tool" send file --relay "$address" > /dev/null 2>&1 & sender=$!
until [ "$(find in -type f -printf '%b\n' 2> /dev/null | awk '{ sum += $1 } END { print int(sum / 2048) }')" -ge $((mebibytes * 88 / 100)) ]; do sleep 0.05; done
kill -KILL "$receiver" "$sender"
wait "$receiver" "$sender" 2> /dev/null || true
sync
before=$(travelled)

seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", b - a }'; }
begin=$(date +%s.%N)
command time -o receiver.time -f '%e s, %U + %S s CPU, %M KiB resident' "$tool" receive --relay "$address" --destination in > /dev/null 2> receiver.log & receiver=$!
command time -o sender.time -f '%e s, %U + %S s CPU, %M KiB resident' "$tool" send file --relay "$address" > /dev/null 2> sender.log
wait "$receiver"
end=$(date +%s.%N)
cmp file in/file
hashed=$(date +%s.%N)
sha256sum file in/file > /dev/null
hashes=$(date +%s.%N)
echo "resume of $mebibytes MiB: $(seconds "$begin" "$end") s; sha256sum of both copies: $(seconds "$hashed" "$hashes") s"
echo "sender:   $(cat sender.time)"
echo "receiver: $(cat receiver.time)"
echo "travelled in the second run: $(($(travelled) - before)) bytes"
