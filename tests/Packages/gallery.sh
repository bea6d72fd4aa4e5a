#!/usr/bin/env bash
# Installs the module's package in a PowerShell without any profile, uses it, upgrades it in the same session and removes it:
# tests/Packages/gallery.sh. It needs the packages of tests/Packages/check.sh, which runs it, and pwsh.
set -euo pipefail
. "$(dirname "$0")/../prelude.sh"
version=$(sed -n "s/^ *ModuleVersion *= *'\(.*\)'.*/\1/p" "$root/P2PCopy.psd1")
next=99.0.0

say "a later version, $next, from the same sources"
mkdir "$work/next" "$work/feed" "$work/home"
(cd "$root" && git ls-files -z | tar c --null --no-recursion -T -) | tar x -C "$work/next"
sed -i "s/^\( *ModuleVersion *= \).*/\1'$next'/" "$work/next/P2PCopy.psd1"
dotnet build "$work/next/src/P2PCopy.Module" -c Release -t:Package -v q -nodeReuse:false -p:PublishReadyToRun=false -p:RunAnalyzers=false

cp "$root/artifacts/package/P2PCopy.$version.nupkg" "$work/feed/"
cd "$work"
env -u PSModulePath -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u XDG_CACHE_HOME HOME="$work/home" P2PCOPY_DIRECT=Off P2PCOPY_DISCOVERY=Off \
    pwsh -NoProfile -NonInteractive -File "$root/tests/Packages/Gallery.ps1" -Feed "$work/feed" -NextPackage "$work/next/artifacts/package/P2PCopy.$next.nupkg"
[ -z "$(find "$work/home" -path '*Modules/P2PCopy/*' -type f)" ] || fail 'files of the module are left'
