#!/usr/bin/env bash
# Receives a stream into the next command: pipeline-receive.sh FOLDER
# What comes out of --stdout is verified only at its end, so the next command works in a folder aside, which gets its name
# when both have ended well. pipefail makes the status of either count.
set -euo pipefail
[ ! -e "$1" ] || { echo "$1 exists" >&2; exit 1; }
aside=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf "$aside"' EXIT
p2pcopy receive --stdout --quiet | tar -C "$aside" -xf -
chmod 755 "$aside"
mv -T "$aside" "$1"
