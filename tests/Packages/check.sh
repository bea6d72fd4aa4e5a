#!/usr/bin/env bash
# Makes all packages and uses each of them as on a new machine: tests/Packages/check.sh
# With --made it uses the existing packages.
set -euo pipefail
. "$(dirname "$0")/../prelude.sh"
packages=$root/artifacts/package

say 'made by one command, and listed'
# Native code needs a C compiler (clang or gcc) with its start-up files.
compiles() { printf 'int main(void) { return 0; }' | "$1" -x c - -o "$work/compiled" 2> /dev/null; }
native=true
compiles clang || compiles gcc || native=false
[ $native = true ] || echo 'The single file of native code was NOT MADE: there is no clang or gcc that links (Debian: apt install gcc libc6-dev).'
[ "${1:-}" = --made ] || dotnet build "$root/src/Package.proj" -v q -nodeReuse:false $([ $native = true ] || echo -p:Native=false)
(cd "$packages" && sha256sum -c --quiet SHA256SUMS)
version=$(sed -n "s/^ *ModuleVersion *= *'\(.*\)'.*/\1/p" "$root/P2PCopy.psd1")
single=("p2pcopy-$version-linux-x64-portable")
[ $native = false ] || single+=("p2pcopy-$version-linux-x64")
listed=(LICENSE THIRD-PARTY-NOTICES.txt "${single[@]}")
for name in P2PCopy.nupkg P2PCopy.Core.nupkg P2PCopy.Core.snupkg P2PCopy.Relay.nupkg P2PCopy.Relay.snupkg P2PCopy.Tool.nupkg; do
    listed+=("${name%.*}.$version.${name##*.}")
done
printf '%s\n' "${listed[@]}" | LC_ALL=C sort > "$work/expected"
sed 's/^[^ ]*  //' "$packages/SHA256SUMS" | LC_ALL=C sort | diff "$work/expected" - || fail 'SHA256SUMS lists other files'

say 'the module: its licence, its tags, and no file but those that it lists and the build has staged'
mkdir "$work/nupkg"
cd "$work/nupkg"
unzip -q "$packages/P2PCopy.$version.nupkg"
grep -q '<license type="expression">MIT</license>' P2PCopy.nuspec || fail 'the module has no licence'
for tag in PSModule PSEdition_Core Windows Linux MacOS PSIncludes_Cmdlet PSCmdlet_Send-P2PFile PSCommand_Send-P2PFile; do
    grep -Eq "<tags>(.* )?$tag( .*)?</tags>" P2PCopy.nuspec || fail "the module has no tag $tag"
done
# Removes the files of the package format, as the client of the PowerShell Gallery does.
rm -r P2PCopy.nuspec '[Content_Types].xml' _rels package
# The manifest in the repository lists what is compiled for linux-x64; the package has the same for other kinds of system.
sed -n '/FileList *= *@(/,/^ *) *$/p' "$root/P2PCopy.psd1" | grep -o "'[^']*'" | tr -d "'" > "$work/one"
{ cat "$work/one"; for kind in win-x64 linux-arm64 osx-arm64; do sed -n "s:/linux-x64/:/$kind/:p" "$work/one"; done; } | LC_ALL=C sort > "$work/listed"
[ "$(stat -c %s "$packages/P2PCopy.$version.nupkg")" -lt 12000000 ] || fail 'the package of the module has 12 MB or more'
find . -type f -printf '%P\n' | LC_ALL=C sort | diff "$work/listed" - || fail 'the module holds other files than it lists'
! grep -E '\.pdb$|(^|/)(System|Microsoft)\.' "$work/listed" || fail 'the module holds symbols or a reference assembly'
! grep -rq CreateTestKey . || fail 'the module has the curve of the tests'
diff -r . "$root/artifacts/module/P2PCopy/$version" || fail 'the module differs from the one that is staged'
cd "$root"

say 'a program that uses the libraries from their packages'
cp -r "$root/tests/Packages/Consumer" "$work/consumer"
# The packages' own dependencies come from the package source of this machine.
cat > "$work/consumer/nuget.config" <<CONFIG
<configuration><packageSources><add key="here" value="$packages" /></packageSources></configuration>
CONFIG
# Uses the packages of this build, not cached ones of an earlier build with the same version.
export NUGET_PACKAGES=$work/cache
(cd "$work/consumer" && dotnet run -v q -p:PackageVersion="$version") > "$work/consumer.log" 2>&1 || { cat "$work/consumer.log"; fail 'the program failed'; }
[ "$(tail -1 "$work/consumer.log")" = 'Copied hello.txt' ] || { cat "$work/consumer.log"; fail 'the program did not copy its file'; }
test -e "$work/cache/p2pcopy.core/$version/lib/net10.0/P2PCopy.Core.xml" || fail 'P2PCopy.Core has no documentation'
for name in core relay; do test -e "$work/cache/p2pcopy.$name/$version/LICENSE" || fail "P2PCopy.$name has no licence"; done
grep -q "id=\"P2PCopy.Core\" version=\"\[$version\]\"" "$work/cache/p2pcopy.relay/$version/p2pcopy.relay.nuspec" || fail 'P2PCopy.Relay takes another Core'

say 'the .NET tool'
cd "$work"
dotnet tool install P2PCopy.Tool --tool-path ./bin --add-source "$packages" --version "$version" > install.log || { cat install.log; fail 'it does not install'; }
./bin/p2pcopy demo | tail -1
for name in LICENSE THIRD-PARTY-NOTICES.txt; do
    [ -n "$(find ./bin/.store -name "$name")" ] || fail "the tool has no $name"
done

unset NUGET_PACKAGES
bare() { env -i HOME="$work" P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off P2PCOPY_CODE=abcdef-single-file-test ./alone "$@"; }
head -c 3000000 /dev/urandom > random.bin
mkdir tree && seq 100000 > tree/numbers.txt && ln -s numbers.txt tree/link
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout key.pem -out cert.pem 2> /dev/null
for file in "${single[@]}"; do
    say "$file, without any .NET"
    [ -z "$relay" ] || stop_relay
    rm -rf in alone
    cp "$packages/$file" alone
    [ "$(bare --version)" = "$version" ] || fail 'it says another version'
    bare demo | tail -1
    start_relay env -i HOME="$work" ./alone relay --certificate cert.pem --key key.pem
    address=wss://localhost:${address##*:}
    bare send random.bin tree --links Preserve --relay "$address" --ca-file cert.pem --json > send.json & sender=$!
    bare receive in --relay "$address" --ca-file cert.pem --json --sha256-list list > receive.json || { cat receive.json; fail 'it did not receive'; }
    wait "$sender"
    cmp random.bin in/random.bin
    diff -r tree in/tree
    (cd in && sha256sum -c --quiet ../list)
done

if command -v pwsh > /dev/null; then
    say 'the module, unpacked as the Gallery would'
    bare send tree random.bin --links Preserve --relay "$address" --ca-file cert.pem --quiet & sender=$!
    P2PCOPY_CODE=abcdef-single-file-test pwsh -NoProfile -NonInteractive -Command "
        \$ErrorActionPreference = 'Stop'
        [IO.Compression.ZipFile]::ExtractToDirectory('$packages/P2PCopy.$version.nupkg', '$work/module/P2PCopy')
        Import-Module '$work/module/P2PCopy/P2PCopy.psd1'
        Receive-P2PFile '$work/by-module' -Relay '$address' -CaFile '$work/cert.pem' | Group-Object Status -NoElement | ForEach-Object { \"\$(\$_.Count) \$(\$_.Name)\" }"
    wait "$sender"
    cmp random.bin by-module/random.bin
    diff -r tree by-module/tree
    test -e module/P2PCopy/LICENSE || fail 'the module has no licence'
else
    echo 'The package of the module was NOT USED: pwsh is not on PATH.'
fi
stop_relay
if command -v pwsh > /dev/null; then
    say 'the module from its package: installed, used, upgraded in a session, removed'
    "$root/tests/Packages/gallery.sh"
fi
say 'every package does what it is for'
