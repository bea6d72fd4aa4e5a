#!/usr/bin/env bash
# A drop box for nightly jobs: nightly-drop-box.sh FOLDER COMMAND [ARGUMENT...]
# After each complete transfer it runs COMMAND with the sender's name and the number of files. The log goes to standard
# error, one JSON object per line. The code needs four words (p2pcopy code --words 4). After SIGTERM it ends with 0.
set -euo pipefail
folder=$1
shift

# The receiver runs in a process substitution, so that the script can send it a signal and wait for its exit status.
exec 3< <(exec p2pcopy receive "$folder" --continuous --folder-per-sender --max-size "${MAX_SIZE:-50GiB}" --drain-timeout 30s --json --quiet)
receiver=$!
trap 'kill -TERM "$receiver" 2>/dev/null || true' TERM INT
while IFS= read -r line <&3; do
    printf '%s\n' "$line" >&2
    case $line in
        *'"event":"summary"'*'"succeeded":true'*)
            sender=$(sed -n 's/.*"sender":"\([^"]*\)".*/\1/p' <<<"$line")
            files=$(sed -n 's/.*"copied":\([0-9]*\).*/\1/p' <<<"$line")
            "$@" "$sender" "$files" </dev/null || echo "the command failed for $sender" >&2
            ;;
    esac
done
wait "$receiver"
