#!/usr/bin/env bash
# Runs the systemd units under a real systemd, in a container without a network: tests/Deployment/nspawn.sh [FOLDER]
#
# FOLDER holds a Debian with systemd and is made when it is missing (default ${XDG_CACHE_HOME:-~/.cache}/p2pcopy-systemd). Needs root,
# systemd-nspawn, debootstrap and a C compiler (for the native tool; P2PCOPY may name a tool that is there). Exit status 77: cannot run here.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
system=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/p2pcopy-systemd}
not_here() { echo "systemd is NOT HERE: $*"; exit 77; }
say() { printf -- '-- %s\n' "$*"; }

[ "$(id -u)" = 0 ] || not_here 'it needs root.'
command -v systemd-nspawn > /dev/null && command -v debootstrap > /dev/null || not_here 'systemd-container and debootstrap are not installed.'
if [ ! -x "$system/usr/lib/systemd/systemd" ]; then
    say 'Debian 12 with systemd, once'
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,libzstd1,libssl3 bookworm "$system" > /dev/null || not_here 'debootstrap failed.'
fi

tool=${P2PCOPY:-}
if [ -z "$tool" ]; then
    say 'the native tool'
    dotnet publish "$root/src/P2PCopy.Tool" -c Release -r linux-x64 -p:PublishAot=true -p:PublishReadyToRun=false -p:SelfContained=true -v q -o "$root/artifacts/nspawn" > /dev/null
    tool=$root/artifacts/nspawn/p2pcopy
fi

work=$(mktemp -d)
machine=p2pcopy-$$
trap 'systemd_pid=$(cat "$work/pid" 2> /dev/null) && kill "$systemd_pid" 2> /dev/null; wait 2> /dev/null; rm -rf "$work"' EXIT
mkdir "$work/units" "$work/out"
cp "$root"/deploy/systemd/* "$work/units/"
cp "$root/tests/Deployment/nspawn-inside.sh" "$work/inside.sh"
cat > "$work/units/p2pcopy-test.service" <<'UNIT'
[Unit]
Description=The checks of tests/Deployment/nspawn-inside.sh
After=multi-user.target
[Service]
Type=oneshot
Environment=P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off HOME=/root
ExecStart=/bin/bash /test/inside.sh
ExecStopPost=/bin/systemctl --no-block poweroff
StandardOutput=file:/test/out/log
StandardError=inherit
UNIT

say 'the units'
binds=(--bind-ro="$tool:/opt/p2pcopy/p2pcopy" --bind="$work:/test")
for unit in "$work"/units/*; do
    binds+=(--bind-ro="$unit:/etc/systemd/system/${unit##*/}")
done
timeout --kill-after=10 180 systemd-nspawn --quiet --directory="$system" --volatile=overlay --private-network --register=no --keep-unit --machine="$machine" \
    --console=pipe "${binds[@]}" --boot systemd.unit=p2pcopy-test.service systemd.wants=multi-user.target < /dev/null > "$work/console" 2>&1 &
echo $! > "$work/pid"
wait $! || true
rm -f "$work/pid"
cat "$work/out/log" 2> /dev/null || { tail -40 "$work/console"; not_here 'the container did not boot.'; }
grep -q '^all good$' "$work/out/log"
