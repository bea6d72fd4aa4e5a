#!/usr/bin/env bash
# Tests what deploy/packages makes: tests/Packages/system.sh. It needs root (chroot), dpkg-deb, and rpmbuild for the .rpm.
# The packages are installed, upgraded and removed in folders of their own; the host's package data bases are not touched.
set -euo pipefail
. "$(dirname "$0")/../prelude.sh"
version=$(sed -n "s/^ *ModuleVersion *= *'\(.*\)'.*/\1/p" "$root/P2PCopy.psd1")
real=$root/artifacts/package/p2pcopy-$version-linux-x64
[ -x "$real" ] || real=/usr/bin/true
export PROJECT_URI=https://project.example/p2pcopy SOURCE_DATE_EPOCH=1767225600

say 'the same bytes twice'
for n in 1 2; do
    mkdir "$work/$n"
    cp "$real" "$work/$n/p2pcopy-$version-linux-x64"
    printf 'exe' > "$work/$n/p2pcopy-$version-win-x64.exe"
    "$root/deploy/packages/make.sh" "$work/$n"
done
diff -r "$work/1" "$work/2" || fail 'two runs differ'

say 'the manifests have the hashes, and name no file that is not there'
cd "$work/1"
python3 -m json.tool p2pcopy.json > /dev/null
python3 -m json.tool p2pcopy.cdx.json > /dev/null
grep -q "$(sha256sum "p2pcopy-$version-win-x64.exe" | cut -d ' ' -f 1)" P2PCopy.P2PCopy.installer.yaml || fail 'winget has another hash'
grep -q "$(sha256sum "p2pcopy-$version-linux-x64" | cut -d ' ' -f 1)" p2pcopy.rb || fail 'the formula has another hash'
! grep -l '@[A-Z]*[:@]' p2pcopy.rb p2pcopy.json ./*.yaml || fail 'something was not filled in'
! grep -q osx-x64 p2pcopy.rb || fail 'the formula names a file that is not there'
if command -v ruby > /dev/null; then ruby -c p2pcopy.rb > /dev/null; fi

say 'a signature, and one changed byte'
ssh-keygen -q -t ed25519 -N '' -C release -f "$work/key"
ssh-keygen -q -Y sign -n p2pcopy -f "$work/key" SHA256SUMS 2> /dev/null
printf 'release@p2pcopy %s\n' "$(cat "$work/key.pub")" > "$work/signers"
verify() { "$root/deploy/packages/verify.sh" "$1" "$work/signers"; }
verify "$work/1"
changed() { rm -rf "$work/bad"; cp -r "$work/1" "$work/bad"; }
changed; printf X | dd of="$work/bad/p2pcopy-$version-linux-x64" bs=1 seek=100 conv=notrunc status=none
! verify "$work/bad" 2> /dev/null || fail 'a changed byte was accepted'
changed; sed -i '1s/^./0/;1s/^0\(.\)/1\1/' "$work/bad/SHA256SUMS"
! verify "$work/bad" 2> /dev/null || fail 'a changed hash was accepted'
changed; touch "$work/bad/another"
! verify "$work/bad" 2> /dev/null || fail 'another file was accepted'

# An upgrade is one to a later version of the same files.
newer() { sed "s/'$version'/'9.9.9'/" "$root/P2PCopy.psd1"; }
mkdir -p "$work/newer/deploy/packages" "$work/newer/docs" "$work/9"
newer > "$work/newer/P2PCopy.psd1"
cp -r "$root/deploy/." "$work/newer/deploy/"
cp -r "$root/docs/man" "$work/newer/docs/"
cp "$root/LICENSE" "$root/THIRD-PARTY-NOTICES.txt" "$root/Directory.Build.props" "$work/newer/"
cp "$real" "$work/9/p2pcopy-9.9.9-linux-x64"
"$work/newer/deploy/packages/make.sh" "$work/9" > /dev/null

say 'the .deb: installed, upgraded, removed'
system=$work/system
mkdir -p "$system/var/lib/dpkg/info" "$system/var/lib/dpkg/updates"
touch "$system/var/lib/dpkg/status" "$system/var/lib/dpkg/available"
deb() { dpkg --root="$system" --force-depends --force-script-chrootless --no-triggers "$@" > "$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log"; fail "dpkg $1"; }; }
deb --install "$work/1/p2pcopy_${version}_amd64.deb"
[ -x "$system/usr/bin/p2pcopy" ] || fail 'there is no program'
zcat "$system/usr/share/man/man1/p2pcopy-send.1.gz" | cmp - "$root/docs/man/p2pcopy-send.1" || fail 'there is no man page'
grep -q '^ExecStart=/usr/bin/p2pcopy relay' "$system/usr/lib/systemd/system/p2pcopy-relay.service" || fail 'the unit starts another program'
deb --install "$work/9/p2pcopy_9.9.9_amd64.deb"
[ "$(dpkg-query --admindir="$system/var/lib/dpkg" -W -f '${Version}' p2pcopy)" = 9.9.9 ] || fail 'it was not upgraded'
deb --remove p2pcopy
[ ! -e "$system/usr/bin/p2pcopy" ] && [ ! -e "$system/usr/lib/systemd/system/p2pcopy-relay.service" ] && [ -z "$(ls "$system/usr/share/man/man1" 2> /dev/null)" ] || fail 'something is left'
"$real" --version > /dev/null

if command -v rpmbuild > /dev/null; then
    say 'the .rpm: installed, upgraded, removed'
    system=$work/rpm-system
    mkdir -p "$system"
    packages() { rpm --root "$system" --nodeps --noscripts "$@" || fail "rpm $1"; }
    rpm --root "$system" --initdb
    packages -i "$work/1/p2pcopy-$version-1.x86_64.rpm"
    [ -x "$system/usr/bin/p2pcopy" ] || fail 'there is no program'
    [ -e "$system/usr/share/man/man1/p2pcopy.1.gz" ] || fail 'there is no man page'
    packages -U "$work/9/p2pcopy-9.9.9-1.x86_64.rpm"
    [ "$(rpm --root "$system" -q --qf '%{VERSION}' p2pcopy)" = 9.9.9 ] || fail 'it was not upgraded'
    packages -e p2pcopy
    [ ! -e "$system/usr/bin/p2pcopy" ] || fail 'something is left'
else
    echo 'The .rpm was NOT TESTED: rpmbuild is missing.'
fi
say 'the packages of package managers do what they are for'
