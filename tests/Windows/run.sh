#!/usr/bin/env bash
# Runs the tests of the engine, the file rules, the relay and the tool as Windows programs (win-x64) under Wine: tests/Windows/run.sh
#
# Wine 10 and its libraries come from Debian 13, into a folder of their own: ${XDG_CACHE_HOME:-~/.cache}/p2pcopy-wine. It needs root and
# debootstrap. If Wine cannot be set up within P2PCOPY_WINE_SECONDS (300), the exit status is 77.
# The network is one of its own with nothing but 127.0.0.1. tests/Windows/skipped.txt lists what does not run, and why.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/p2pcopy-wine
debian=$cache/debian
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

say() { printf -- '-- %s\n' "$*"; }
not_here() { echo "Wine is NOT HERE: $*"; exit 77; }

# Runs a program inside the Debian folder, with the repository at the same path. Mounts vanish with the name space.
inside() {
    unshare --mount --net bash -c '
        debian=$1 root=$2; shift 2
        ip link set lo up 2>/dev/null
        mount -t tmpfs tmp "$debian/tmp" && mkdir -p "$debian$root" && mount --bind "$root" "$debian$root" && mount -t proc proc "$debian/proc" && mount --bind /dev "$debian/dev" || exit 77
        exec chroot "$debian" env -i HOME=/root PATH=/usr/bin:/bin:/usr/sbin:/sbin WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp LANG=C.UTF-8 \
            P2PCOPY_DIRECT=Off P2PCOPY_DISCOVERY=Off P2PCOPY_TEST_CURVE=1 sh -c "cd \"\$0\" && exec \"\$@\"" "$root/artifacts/windows" "$@"
    ' bash "$debian" "$root" "$@"
}

set_up() {
    command -v debootstrap > /dev/null || apt-get install -y -qq --no-install-recommends debootstrap || return
    rm -rf "$cache"
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=ca-certificates trixie "$debian" || return
    cp /etc/resolv.conf "$debian/etc/"
    DEBIAN_FRONTEND=noninteractive chroot "$debian" apt-get install -y -qq --no-install-recommends wine wine64 || return
    touch "$cache/ready"
}

[ "$(id -u)" = 0 ] || not_here 'it needs root.'
[ "$(uname -m)" = x86_64 ] || not_here 'it needs an x86-64 processor.'
if [ ! -e "$cache/ready" ]; then
    say 'Debian 13 with Wine, once'
    export -f set_up
    export cache debian
    timeout "${P2PCOPY_WINE_SECONDS:-300}" bash -c set_up > "$root/artifacts/wine-setup.log" 2>&1 || not_here "it could not be set up: $(tail -1 "$root/artifacts/wine-setup.log")"
fi

say 'the tests and the tool for win-x64'
rm -rf "$cache/build"
dotnet publish "$root/tests/P2PCopy.Tests.csproj" -c Release -r win-x64 --self-contained -v q -nodeReuse:false -p:TestCurve=true -p:RunAnalyzers=false \
    -p:PublishReadyToRun=false -p:ArtifactsPath="$cache/build/" || not_here 'the runtime for win-x64 is missing.'
rm -rf "$root/artifacts/windows"
cp -r "$cache/build/publish/P2PCopy.Tests/release_win-x64" "$root/artifacts/windows"

passed=0
failed=0
step() {
    say "$1"
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $*"; fi
}

# Two programs of Windows copy a tree through a third one.
copies() {
    inside bash -c '
        set -e
        export P2PCOPY_CODE=abcdef-single-file-test WINEDEBUG=-all
        tool() { timeout 60 wine ./p2pcopy.exe "$@"; }
        tree=$(mktemp -d); cd "$tree"; mkdir -p "src/deep/er"
        seq 200000 > src/numbers; : > src/empty; head -c 3000000 /dev/urandom > "src/deep/er/random ü.bin"
        cd "$OLDPWD"
        timeout 120 wine ./p2pcopy.exe relay --listen 127.0.0.1:8765 > "$tree/relay" 2> "$tree/log" &
        for _ in $(seq 300); do grep -q listening "$tree/relay" && break; sleep 0.1; done
        tool send "Z:$tree/src" --relay ws://127.0.0.1:8765 --json > "$tree/send.json" & sender=$!
        tool receive "Z:$tree/in" --relay ws://127.0.0.1:8765 --json > "$tree/receive.json" || { cat "$tree/receive.json" "$tree/send.json" "$tree/log"; exit 1; }
        wait $sender
        diff -r "$tree/src" "$tree/in/src"
        tool receive --stdout --relay ws://127.0.0.1:8765 > "$tree/stream" 2> /dev/null & receiver=$!
        tool send - --name x --relay ws://127.0.0.1:8765 --quiet < "$tree/src/numbers"
        wait $receiver
        cmp "$tree/stream" "$tree/src/numbers"
        wineserver -k || :
    '
}

unit() {
    local skips=() transfers=() name
    for name in TransferTests ConflictTests StreamTests OfferTests DeltaPromiseTests PageTests; do transfers+=(-class "P2PCopy.Tests.Transfers.$name"); done
    while read -r kind name _; do
        case $kind in class | method) skips+=("-$kind-" "$name") ;; esac
    done < "$root/tests/Windows/skipped.txt"
    inside timeout 900 wine ./P2PCopy.Tests.exe -noColor -noLogo -class 'P2PCopy.Tests.Unit.*' "${transfers[@]}" "${skips[@]}" 2>&1 | tr -d '\r' | tee "$root/artifacts/wine-tests.log"
    local line again=()
    # Wine itself fails now and then under load. A test that fails by itself too has failed.
    mapfile -t again < <(sed -nE 's/^ *(P2PCopy[A-Za-z.0-9]+\.[A-Za-z_0-9]+)(\(.*)? \[FAIL\]$/\1/p' "$root/artifacts/wine-tests.log" | sort -u | head -10)
    line=$(grep -E 'Total: [0-9]+' "$root/artifacts/wine-tests.log" | tail -1)
    [[ $line =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]] || return
    passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[3] - BASH_REMATCH[4]))
    [ "${BASH_REMATCH[2]}" = 0 ] || { failed=$((failed + BASH_REMATCH[2])); return 1; }
    [ ${#again[@]} -gt 0 ] || return 0
    local second=$root/artifacts/wine-again.log
    inside timeout 300 wine ./P2PCopy.Tests.exe -noColor -noLogo $(printf -- '-method %s ' "${again[@]}") 2>&1 | tr -d '\r' > "$second"
    line=$(grep -E 'Total: [0-9]+' "$second" | tail -1)
    [[ $line =~ Total:\ ([0-9]+),\ Errors:\ 0,\ Failed:\ 0, ]] && { passed=$((passed + BASH_REMATCH[1])); printf 'passed the second time: %s\n' "${again[@]}"; return; }
    cat "$second"
    failed=$((failed + ${#again[@]}))
    return 1
}

inside timeout 120 wineboot -i > /dev/null 2>&1
step 'the demo' inside timeout 120 wine ./p2pcopy.exe demo
step 'a tree and a stream through a relay, four programs of Windows' copies
step 'the tests' unit
echo "Windows under Wine: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
