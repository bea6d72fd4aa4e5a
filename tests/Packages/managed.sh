#!/usr/bin/env bash
# Builds with -p:ZstdBackend=managed, runs the codec tests in that build, and copies between it and the release build, which
# uses libzstd: tests/Packages/managed.sh
set -euo pipefail
. "$(dirname "$0")/../prelude.sh"
export P2PCOPY_CODE=abcdef-managed-zstd-test
apart=$root/artifacts/managed/
native=$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy
managed=$apart/bin/P2PCopy.Tool/debug/p2pcopy

[ -x "$native" ] || fail "there is no $native: dotnet build -c Release first"
say 'the codec, and its tests'
build() { dotnet build "$root/$1" -v q -nodeReuse:false -p:ZstdBackend=managed -p:ArtifactsPath="$apart" "${@:2}"; }
build src/P2PCopy.Core
build tests -p:RunAnalyzers=false # the analyzers run in the usual build
[ -e "$apart/bin/P2PCopy.Tool/debug/ZstdSharp.dll" ] || fail 'it is the usual build'
"$apart/bin/P2PCopy.Tests/debug/P2PCopy.Tests" -noColor -class '*ChunkCodecTests' > "$work/codec.log" || { cat "$work/codec.log"; fail 'the tests of the codecs'; }
tail -1 "$work/codec.log" | grep 'Total: [1-9]' || fail 'no test of the codecs ran'

cd "$work"
mkdir tree
seq 1000000 > tree/numbers.txt
head -c 3000000 /dev/urandom > tree/random.bin
tar cf tree/docs.tar -C "$root" docs
start_relay "$native" relay
copy() {
    say "from $1 to $3"
    "$2" send tree --compression on --compression-codec zstd --relay "$address" --json > send.json & local sender=$!
    "$4" receive in --relay "$address" --quiet
    wait "$sender"
    diff -r tree in/tree
    # Random bytes do not compress, but text does: without compression more bytes would be sent.
    local sent
    sent=$(sed -n 's/.*"event":"summary".*"bytesTransferred":\([0-9]*\).*/\1/p' send.json)
    [ "$sent" -lt 6000000 ] || fail "$sent bytes travelled"
    rm -r in
}
copy libzstd "$native" ZstdSharp "$managed"
copy ZstdSharp "$managed" libzstd "$native"
say 'the managed codec does what the native one does'
