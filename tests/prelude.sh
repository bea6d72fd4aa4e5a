# Shared start of the shell scripts for tests and measurements (to be sourced). It sets the root of the repository, a working
# folder and a relay. The folder, the relay and all other started processes are removed when the script ends.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 NO_COLOR=1 P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off
unset P2PCOPY_RELAY P2PCOPY_CODE P2PCOPY_TOKEN
work=$(mktemp -d)
relay=
clean_up() { kill $(jobs -p) $relay 2> /dev/null || :; rm -rf "$work"; }
trap clean_up EXIT

say() { printf -- '-- %s\n' "$*"; }
fail() { echo "FAILED: $*"; exit 1; }

# Starts a relay on a free port and stores its address in $address.
start_relay() {
    exec 3< <(exec "$@" --listen 127.0.0.1:0 2> /dev/null)
    relay=$!
    read -r address <&3 || fail "no relay by $1: is it built?"
    address=${address#listening on }
}

stop_relay() { kill -TERM "$relay" || fail 'the relay had ended'; relay=; }
