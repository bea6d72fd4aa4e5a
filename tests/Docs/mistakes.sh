#!/usr/bin/env bash
# What cannot work is said before a code is shown, asked for or spent, with the exit status of docs/tool.md: tests/Docs/mistakes.sh.
# It needs root, to run the release build of the tool as a user without rights. Exit status 77: cannot run here.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] && command -v setpriv > /dev/null || { echo 'another user is NOT HERE: it needs root and setpriv.'; exit 77; }
unset "${!P2PCOPY_@}"
export P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off NO_COLOR=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp -r "$root/artifacts/bin/P2PCopy.Tool/release" "$work/tool"
mkdir "$work/home" && cd "$work/home" || exit 1
code=7k3m9q-amber-velvet-canoe
passed=0
failed=0

echo content > file
echo content > results.csv
echo secret > secret
mkdir mixed secrets locked full
echo content > mixed/file
cp secret mixed/
ln -s /nowhere dead
mount -t tmpfs -o size=64k,mode=777 tmpfs full && trap 'umount "$work/home/full"; rm -rf "$work"' EXIT
chown -R nobody . && chown root secret secrets locked mixed/secret && chmod 600 secret mixed/secret && chmod 700 secrets && chmod 755 locked

# refused STATUS TEXT COMMAND...: the command ends at once with this status, names the reason, and shows no code. A command that waits for
# the other side gets the status 124.
refused() {
    local status=$1 text=$2 said got
    shift 2
    said=$(timeout 20 setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$PWD" "$work/tool/p2pcopy" "$@" --relay ws://127.0.0.1:9 < /dev/null 2>&1)
    got=$?
    if [ "$got" = "$status" ] && [[ $said == *"$text"* ]] && [[ $said != *'The code is'* ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: p2pcopy %s ended with %s:\n%s\n' "$*" "$got" "$said"
    fi
}

# The sender.
refused 2 'Did you mean "results.csv"?' send resluts.csv
refused 2 'does not exist' send nothing
refused 3 'access is denied' send secret
refused 3 'access is denied' send secrets
refused 3 'access is denied' send secret secrets
refused 3 'Nothing can be sent: The link "dead"' send dead
refused 2 '--name is the name of standard input' send file --name ../x
refused 2 'relative part' send - --name ../x
refused 2 'could not be read' send --files-from nothing
refused 2 'is misspelled' send file --code 7k3m9q-amber-velvte-canoe

# The receiver.
refused 2 'is a link to a folder that does not exist' receive "$code" dead
refused 2 'is a link to a folder that does not exist' receive "$code" dead/below
refused 2 'is not a folder' receive "$code" file
refused 3 'a file is where a folder should be' receive "$code" file/below
refused 3 'access is denied' receive "$code" locked
refused 3 'Creating "' receive "$code" locked/below
refused 2 'is empty' receive "$code" ''
refused 2 'does not exist' receive "$code" in --sha256-list nowhere/list
refused 3 'access is denied' receive "$code" in --sha256-list locked/list
refused 2 'is misspelled' receive 7k3m9q-amber-velvte-canoe in
refused 2 "Did you mean 'receive'?" recieve "$code"
refused 2 'Did you mean --destination?' receive "$code" --detination in

# What is only partly impossible is a warning before the code.
said=$(timeout 5 setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$PWD" "$work/tool/p2pcopy" send mixed/secret file --relay ws://127.0.0.1:9 < /dev/null 2>&1)
if [[ ${said%%The code is*} == *'access is denied'* && $said == *'The code is'* ]]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    printf 'FAILED: a file without rights is not told before the code:\n%s\n' "$said"
fi

# Space: the receiver refuses what does not fit, and both sides say so.
head -c 1000000 /dev/urandom > big
as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$PWD" P2PCOPY_CODE="$code" "$work/tool/p2pcopy" "$@"; }
as_nobody send big --listen 127.0.0.1:0 > sender 2>&1 &
sender=$!
for _ in $(seq 100); do grep -q 'ws://127' sender && break; sleep 0.1; done
as_nobody receive full --relay "$(grep -o 'ws://127.0.0.1:[0-9]*' sender | head -1)" > receiver 2>&1
received=$?
wait "$sender"
sent=$?
if [ "$received" = 9 ] && [ "$sent" = 9 ] && grep -q 'free' receiver && [ -z "$(ls full)" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    printf 'FAILED: a full disk: %s and %s\n%s\n%s\n' "$received" "$sent" "$(cat receiver)" "$(cat sender)"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
