#!/usr/bin/env bash
#SBATCH --job-name=p2pcopy-results
#SBATCH --array=0-9
#SBATCH --time=02:00:00
# Each task of the array sends its folder results/<task> to one drop box (p2pcopy receive --continuous). A drop box serves
# one sender at a time, so a task tries again if the drop box is busy or the connection was lost.
#
#   P2PCOPY_RELAY, P2PCOPY_CODE   the relay and the code of the drop box (sbatch passes them on with --export=ALL)
#   RESULTS                       the folder with the folders of the tasks; the default is results
set -euo pipefail
: "${P2PCOPY_RELAY:?is not set}" "${P2PCOPY_CODE:?is not set}"
task=${SLURM_ARRAY_TASK_ID:?is set by sbatch --array}
results=${RESULTS:-results}

for attempt in 1 2 3 4 5 6 7 8 9 10; do
    status=0
    p2pcopy send "$results/$task" --sender-name "task-$task" --wait-timeout 10m --json --quiet >"$results/transfer-$task.jsonl" || status=$?
    case $status in
        0) exit 0 ;;                       # every file is written, verified and confirmed
        5 | 6 | 7 | 8)                     # relay unavailable or busy, connection lost, no receiver, receiver stopped
            echo "task $task: attempt $attempt ended with $status; trying again" >&2
            sleep $((RANDOM % (5 * attempt) + 1))
            ;;
        *) break ;;                        # wrong code, unreadable files, limits: another attempt cannot succeed
    esac
done
grep '"event":"error"' "$results/transfer-$task.jsonl" >&2 || true
exit "$status"
