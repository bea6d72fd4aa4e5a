#!/usr/bin/env bash
# Gets and renews certificates of relays with two ACME clients by the commands of docs/deployment.md, from a local authority (Pebble), while
# clients join: tests/Deployment/acme.sh
#
# It needs root, pebble, certbot, lego and openssl, and the release build of the tool (P2PCOPY may name another). It runs in namespaces of
# its own: a network with nothing but loopback, and an /etc whose changes are gone at the end. Exit status 77: cannot run here.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
not_here() { echo "a local ACME authority is NOT HERE: $*"; exit 77; }
[ "$(id -u)" = 0 ] || not_here 'it needs root.'
for program in pebble certbot lego openssl unshare; do
    command -v "$program" > /dev/null || not_here "$program is not installed."
done
if [ -z "${P2PCOPY_ACME_INSIDE:-}" ]; then
    P2PCOPY_ACME_INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0"
fi

name=relay.example.org
tool=${P2PCOPY:-$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy}
unset "${!P2PCOPY_@}"
export P2PCOPY_CONFIG=none P2PCOPY_HISTORY=off P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off NO_COLOR=1
passed=0
failed=0
check() {
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); echo "ok: $what"; else failed=$((failed + 1)); echo "FAILED: $what"; fi
}

# An /etc and a /var/lib of its own, and a resolver that knows one name.
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work" || not_here 'mounting is not allowed.'
trap 'cd /; umount --lazy "$work"; rmdir "$work"' EXIT
for folder in /etc /var/lib /var/log; do
    mkdir -p "$work/changes$folder" "$work/temporary$folder"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$work/changes$folder,workdir=$work/temporary$folder" "$folder" || not_here 'there is no overlay file system.'
done
ip link set lo up
echo "127.0.0.1 $name localhost" > /etc/hosts
rm -rf /etc/letsencrypt /var/lib/letsencrypt
mkdir -p /etc/letsencrypt/renewal-hooks/deploy /etc/p2pcopy
groupadd -f p2pcopy
cd "$work" || exit 1

# The authority. Its address and the consent to its terms are all that the commands of the page lack.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -addext subjectAltName=IP:127.0.0.1 \
    -keyout authority-key.pem -out authority.pem 2> /dev/null
cat > pebble.json <<CONFIG
{ "pebble": { "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000", "certificate": "authority.pem",
  "privateKey": "authority-key.pem", "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false } }
CONFIG
PEBBLE_VA_NOSLEEP=1 pebble -config pebble.json > pebble.log 2>&1 &
for _ in $(seq 100); do openssl s_client -connect 127.0.0.1:15000 < /dev/null > /dev/null 2>&1 && break; sleep 0.1; done
cat > /etc/letsencrypt/cli.ini <<CONFIG
server = https://127.0.0.1:14000/dir
agree-tos = true
register-unsafely-without-email = true
non-interactive = true
CONFIG
export REQUESTS_CA_BUNDLE=$work/authority.pem LEGO_CA_CERTIFICATES=$work/authority.pem
apt() { :; }
lego() { command lego --server https://127.0.0.1:14000/dir "$@"; }
p2pcopy() {
    "$tool" "$@" > relay.log 2>&1 &
    relay=$!
    for _ in $(seq 200); do grep -q '^listening on' relay.log && return; sleep 0.05; done
    cat relay.log
    return 1
}

# The blocks of the page that this script runs, in order.
block() {
    awk -v wanted="$1" '
        before == "<!-- run by: tests/Deployment/acme.sh -->" && /^```sh$/ { inside = ++n == wanted; next }
        /^```$/ { inside = 0 }
        inside { print }
        { before = $0 }' "$root/docs/deployment.md"
}
run_block() { block "$1" > block.sh; [ -s block.sh ] && . ./block.sh > block.log 2>&1 || { cat block.log; return 1; }; }
fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256; }
served() { openssl s_client -connect 127.0.0.1:443 -servername $name < /dev/null 2> /dev/null | openssl x509 -noout -fingerprint -sha256; }
serves() { for _ in $(seq 50); do [ "$(served)" = "$(fingerprint "$1")" ] && return; sleep 0.1; done; return 1; }
# The chain ends at a root that the authority makes anew at each start.
root_of_authority() {
    exec 3<> /dev/tcp/127.0.0.1/15000 || return
    exec 3>&-
    printf 'GET /roots/0 HTTP/1.0\r\nHost: x\r\n\r\n' | openssl s_client -connect 127.0.0.1:15000 -quiet 2> /dev/null | sed -n '/BEGIN/,/END/p' > root.pem
    [ -s root.pem ]
}
copies() {
    local code status
    code=$("$tool" code)
    head -c 200000 /dev/urandom > sent
    rm -rf arrived
    P2PCOPY_CODE=$code "$tool" send sent --relay "wss://$name" --ca-file root.pem --quiet &
    P2PCOPY_CODE=$code "$tool" receive arrived --relay "wss://$name" --ca-file root.pem --quiet
    status=$?
    wait $! && [ $status = 0 ] && cmp -s sent arrived/sent
}

# begin_joins, end_joins: clients that join all the time; end_joins is false if one was refused.
begin_joins() {
    rm -f stop refused
    (until [ -e stop ]; do "$tool" test "wss://$name" --ca-file root.pem --measure 0 > joined.log 2>&1 || { cat joined.log >> refused; }; done) &
    joining=$!
}
end_joins() { touch stop; wait $joining; [ ! -e refused ] || { cat refused; return 1; }; }
# renewed FILE COMMAND...: clients join while the command renews the certificate; the relay serves the new one.
renewed() {
    local file=$1 before status
    shift
    before=$(fingerprint "$file")
    begin_joins
    "$@" > renew.log 2>&1
    status=$?
    [ $status = 0 ] && [ "$(fingerprint "$file")" != "$before" ] && serves "$file"
    status=$?
    end_joins && [ $status = 0 ] || { cat renew.log relay.log; return 1; }
}
end_relay() { kill "$relay"; wait "$relay"; }

check 'the authority answers' root_of_authority
check 'certbot gets a certificate, and a relay listens with it' run_block 1
check 'clients that trust the authority copy' copies
check 'certbot renews, the relay serves the new certificate, and no client is refused' \
    renewed /etc/letsencrypt/live/$name/fullchain.pem certbot renew --force-renewal --no-random-sleep-on-renew
end_relay
check 'the hook copies the first certificate' run_block 2
check 'the key is for the group of the relay only' [ "$(stat -c '%a %G' /etc/p2pcopy/privkey.pem)" = '640 p2pcopy' ]
p2pcopy relay --listen '*:443' --certificate /etc/p2pcopy/fullchain.pem --key /etc/p2pcopy/privkey.pem
check 'clients copy' copies
check 'certbot renews and runs the hook, the relay serves the new certificate, and no client is refused' \
    renewed /etc/p2pcopy/fullchain.pem certbot renew --force-renewal --no-random-sleep-on-renew
check 'lego gets a certificate, and its hook replaces that of certbot' renewed /etc/p2pcopy/fullchain.pem run_block 3
check 'clients copy' copies
block 4 | sed 's/ renew / renew --days 9999 --no-random-sleep /' > renew.sh
check 'lego renews and runs the hook, the relay serves the new certificate, and no client is refused' renewed /etc/p2pcopy/fullchain.pem . ./renew.sh
check 'clients copy' copies
end_relay
echo "$passed passed, $failed failed"
[ $failed = 0 ]
