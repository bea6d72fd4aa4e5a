# The checks of tests/Deployment/nspawn.sh, inside the container. Prints "all good" as its last line when everything held.
set -uo pipefail
PATH=/opt/p2pcopy:/usr/bin:/bin:/usr/sbin:/sbin
relay=ws://127.0.0.1:8765
bad=0
ok() { echo "ok: $*"; }
fail() { echo "FAILED: $*"; bad=1; }
check() { local what=$1; shift; if "$@"; then ok "$what"; else fail "$what"; journalctl --no-pager -n 20 2> /dev/null; fi; }
same() { cmp -s "$1" "$2"; }
is() { [ "$1" = "$2" ]; }

ip link set lo up 2> /dev/null
export P2PCOPY_RELAY=$relay
systemctl start p2pcopy-relay.socket p2pcopy-relay.service
check 'the relay is active, by its own word (Type=notify)' systemctl is-active --quiet p2pcopy-relay.service
check 'it listens at the port of the socket unit' p2pcopy test
check 'it runs as a user of its own without capabilities' bash -c '
    pid=$(systemctl show -P MainPID p2pcopy-relay) && grep -q "^CapEff:.0000000000000000$" /proc/$pid/status && ! grep -q "^Uid:.0" /proc/$pid/status'

# A transfer runs and a client joins while the relay restarts.
head -c 20000000 /dev/urandom > /root/big
echo small > /root/small
code=$(p2pcopy code)
other=$(p2pcopy code)
P2PCOPY_CODE=$code p2pcopy receive --destination /root/in --quiet &
receiver=$!
P2PCOPY_CODE=$code p2pcopy send /root/big --bandwidth-limit 3MiB --quiet &
sender=$!
P2PCOPY_CODE=$other p2pcopy receive --destination /root/other --quiet &
waiting=$!
sleep 2
first=$(systemctl show -P MainPID p2pcopy-relay)
systemctl restart p2pcopy-relay.service &
restart=$!
sleep 0.3
started=$(date +%s%N)
P2PCOPY_CODE=$other p2pcopy send /root/small --quiet
check 'a client that joins during the restart copies' is $? 0
took=$((($(date +%s%N) - started) / 1000000))
echo "   it took $took ms"
check 'it noticed less than 2 s of it' test "$took" -lt 2000
wait $restart
check 'the restart ends well' is $? 0
check 'another process serves' test "$first" != "$(systemctl show -P MainPID p2pcopy-relay)"
wait $waiting
check 'a client that waited during the restart receives' is $? 0
wait $sender
check 'the transfer through the restart is sent' is $? 0
wait $receiver
check 'the transfer through the restart is received' is $? 0
check 'its content is right' same /root/big /root/in/big
check 'the other content is right' same /root/small /root/other/small
check 'neither process refused a client' bash -c '! journalctl --no-pager -u p2pcopy-relay | grep -E " refused |REFUSED"'

# The watchdog: a relay that stands still is started again.
systemctl kill --signal=SIGKILL p2pcopy-relay.service
sleep 3
check 'a relay that was killed is started again' systemctl is-active --quiet p2pcopy-relay.service

# The drop box, with its code as a credential.
install -d -m 700 /etc/p2pcopy
(umask 077; p2pcopy code --words 4 > /etc/p2pcopy/dropbox.code; echo "P2PCOPY_RELAY=$relay" > /etc/p2pcopy/dropbox.env; echo 'P2PCOPY_DIRECT=off' >> /etc/p2pcopy/dropbox.env)
systemctl start p2pcopy-dropbox.service
p2pcopy send /root/small --code-file /etc/p2pcopy/dropbox.code --sender-name here --quiet
check 'the drop box takes a file' is $? 0
check 'its content is right' same /root/small /var/lib/private/p2pcopy-dropbox/here/small
systemctl restart p2pcopy-dropbox.service
p2pcopy send /root/big --code-file /etc/p2pcopy/dropbox.code --sender-name here --quiet
check 'the drop box takes a file after a restart' is $? 0
check 'its content is right' same /root/big /var/lib/private/p2pcopy-dropbox/here/big
systemctl stop p2pcopy-dropbox.service
check 'the drop box ends with 0' is "$(systemctl show -P Result p2pcopy-dropbox)" success
systemctl stop p2pcopy-relay.socket p2pcopy-relay.service
check 'the relay ends with 0' is "$(systemctl show -P Result p2pcopy-relay)" success
[ $bad = 0 ] && echo 'all good'
