#!/usr/bin/env bash
# Makes the packages of package managers from the files of `dotnet build src/Package.proj`: deploy/packages/make.sh [FOLDER]
#
# FOLDER is artifacts/package by default. It gets the .deb and, where rpmbuild is installed, the .rpm, of the native single file for
# linux-x64; p2pcopy.rb (Homebrew), p2pcopy.json (Scoop) and the three winget manifests for the single files that are there; and
# the parts list p2pcopy.cdx.json (CycloneDX 1.6), if python3 is installed. SHA256SUMS then lists these files too.
# The same input gives the same bytes. PROJECT_URI is the address of the project; without it the formula and the manifests are not made.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "${1:-$root/artifacts/package}" && pwd)
version=$(sed -n "s/^ *ModuleVersion *= *'\(.*\)'.*/\1/p" "$root/P2PCopy.psd1")
uri=${PROJECT_URI:-$(sed -n 's:.*<ProjectUri[^>]*>\(.*\)</ProjectUri>.*:\1:p' "$root/Directory.Build.props")}
summary='Copies files and folders end-to-end encrypted through a relay'
# The time of the change that is packed, the same for everyone.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2> /dev/null || echo 1767225600)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

tree() {
    install -D -m 755 "$folder/p2pcopy-$version-linux-x64" "$1/usr/bin/p2pcopy"
    install -D -m 644 "$root/LICENSE" "$1/usr/share/doc/p2pcopy/copyright"
    install -D -m 644 "$root/THIRD-PARTY-NOTICES.txt" "$1/usr/share/doc/p2pcopy/THIRD-PARTY-NOTICES.txt"
    install -d -m 755 "$1/usr/lib/systemd/system" "$1/usr/share/man/man1"
    local page unit
    for page in "$root"/docs/man/*.1; do
        gzip -9nc "$page" > "$1/usr/share/man/man1/${page##*/}.gz"
    done
    for unit in "$root"/deploy/systemd/*; do
        sed 's:/opt/p2pcopy/p2pcopy:/usr/bin/p2pcopy:' "$unit" > "$1/usr/lib/systemd/system/${unit##*/}"
    done
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

make_deb() {
    tree "$work/deb"
    mkdir "$work/deb/DEBIAN"
    cat > "$work/deb/DEBIAN/control" <<CONTROL
Package: p2pcopy
Version: $version
Architecture: amd64
Maintainer: P2PCopy contributors <noreply@invalid>
Section: net
Priority: optional
Depends: libc6 (>= 2.27), libssl3 | libssl3t64 | libssl1.1
Recommends: libzstd1
Installed-Size: $(du -sk "$work/deb/usr" | cut -f 1)
Description: $summary
 Two machines that can only open outgoing connections on port 443 copy files through a relay that can read nothing. The package has the
 tool, which can also be the relay, and units of systemd for a relay and a drop box. It starts no service.
CONTROL
    # Units that an administrator has enabled go on with the new version, and stop before the package is removed.
    cat > "$work/deb/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart p2pcopy-relay.service p2pcopy-dropbox.service || :
fi
SCRIPT
    cat > "$work/deb/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now p2pcopy-relay.socket p2pcopy-relay.service p2pcopy-dropbox.service || :
fi
SCRIPT
    chmod 755 "$work/deb/DEBIAN/postinst" "$work/deb/DEBIAN/prerm"
    find "$work/deb" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$work/deb" "$folder/p2pcopy_${version}_amd64.deb" > /dev/null
}

make_rpm() {
    tree "$work/rpm-tree"
    cat > "$work/p2pcopy.spec" <<SPEC
Name: p2pcopy
Version: $version
Release: 1
Summary: $summary
License: MIT
${uri:+URL: $uri}
Requires: openssl-libs
Recommends: libzstd
%global __os_install_post %{nil}
%global _build_id_links none
%global debug_package %{nil}
%global _buildhost p2pcopy
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%description
Two machines that can only open outgoing connections on port 443 copy files through a relay that can read nothing. The package has the tool,
which can also be the relay, and units of systemd for a relay and a drop box. It starts no service.
%install
cp -a $work/rpm-tree/. %{buildroot}
%post
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    [ \$1 -lt 2 ] || systemctl try-restart p2pcopy-relay.service p2pcopy-dropbox.service || :
fi
%preun
if [ \$1 -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --now p2pcopy-relay.socket p2pcopy-relay.service p2pcopy-dropbox.service || :
fi
%files
%defattr(-,root,root)
/usr/bin/p2pcopy
/usr/lib/systemd/system/p2pcopy-*
/usr/share/man/man1/p2pcopy*.1.gz
%doc /usr/share/doc/p2pcopy
SPEC
    rpmbuild -bb --quiet --target x86_64 --define "_topdir $work/rpm" --define "_rpmfilename p2pcopy-$version-1.x86_64.rpm" "$work/p2pcopy.spec" > "$work/rpm.log" 2>&1 ||
        { cat "$work/rpm.log"; exit 1; }
    cp "$work/rpm/RPMS/p2pcopy-$version-1.x86_64.rpm" "$folder/"
}

hash_of() { sha256sum "$folder/$1" | cut -d ' ' -f 1; }

# Fills in @VERSION@, @URI@ and, for each single file, @HASH:RUNTIME@. A line that names a file that is not there is left out.
fill() {
    local text runtime file
    text=$(sed "s|@VERSION@|$version|g; s|@URI@|$uri|g" "$1")
    for runtime in linux-x64 linux-arm64 osx-x64 osx-arm64 win-x64 win-arm64; do
        file=p2pcopy-$version-$runtime
        [[ $runtime = win-* ]] && file=$file.exe
        if [ -e "$folder/$file" ]; then
            text=$(sed "s/@HASH:$runtime@/$(hash_of "$file")/g; s/@IF:$runtime@//" <<< "$text")
        else
            text=$(sed "/@IF:$runtime@/d; /@HASH:$runtime@/d" <<< "$text")
        fi
    done
    printf '%s\n' "$text" > "$2"
}

make_manifests() {
    local templates=$root/deploy/packages/templates
    fill "$templates/p2pcopy.rb" "$folder/p2pcopy.rb"
    if [ -e "$folder/p2pcopy-$version-win-x64.exe" ]; then
        fill "$templates/p2pcopy.json" "$folder/p2pcopy.json"
        for name in P2PCopy.P2PCopy.yaml P2PCopy.P2PCopy.installer.yaml P2PCopy.P2PCopy.locale.en-US.yaml; do
            fill "$templates/$name" "$folder/$name"
        done
    fi
}

if [ -e "$folder/p2pcopy-$version-linux-x64" ]; then
    command -v dpkg-deb > /dev/null && make_deb || echo 'The .deb was NOT MADE: dpkg-deb is missing.'
    command -v rpmbuild > /dev/null && make_rpm || echo 'The .rpm was NOT MADE: rpmbuild is missing (Debian: apt install rpm).'
else
    echo "The .deb and the .rpm were NOT MADE: there is no $folder/p2pcopy-$version-linux-x64."
fi
if [ -n "$uri" ]; then make_manifests; else echo 'The formula and the manifests were NOT MADE: set ProjectUri in Directory.Build.props.'; fi
if command -v python3 > /dev/null; then
    python3 "$root/deploy/packages/parts.py" "$root" "$version" > "$folder/p2pcopy.cdx.json"
else
    echo 'The parts list was NOT MADE: python3 is missing.'
fi
cd "$folder"
find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum > SHA256SUMS
