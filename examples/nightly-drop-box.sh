#!/usr/bin/env bash
# A drop box for nightly jobs: nightly-drop-box.sh FOLDER COMMAND [ARGUMENT...]
# For every transfer that came whole it runs COMMAND with the sender's name and the number of files; the log goes to
# standard error, one JSON object a line. It needs a code with four words (p2pcopy code --words 4). SIGTERM ends it with 0.
set -euo pipefail
folder=$1
shift

# In a pipe of its own, so that a signal reaches the receiver and its exit status comes back.
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
