#!/usr/bin/env bash
# Receives a stream into the next command: pipeline-receive.sh FOLDER
# The output of --stdout is verified only at its end. So the next command writes into a temporary folder, which is renamed
# after both commands have succeeded. With pipefail a failure of either command fails the pipeline.
set -euo pipefail
[ ! -e "$1" ] || { echo "$1 exists" >&2; exit 1; }
aside=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf "$aside"' EXIT
p2pcopy receive --stdout --quiet | tar -C "$aside" -xf -
chmod 755 "$aside"
mv -T "$aside" "$1"
