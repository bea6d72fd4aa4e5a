#!/usr/bin/env bash
# Builds deploy/container/Containerfile and copies through its relay: sudo tests/Packages/container.sh
# It needs buildah and root, but no container engine and no registry: it makes replacements for the two base images from the
# .NET and the libraries of this machine. So it tests the Containerfile, not the real base images.
set -euo pipefail
. "$(dirname "$0")/../prelude.sh"
tool=$root/artifacts/bin/P2PCopy.Tool/release/p2pcopy
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
export BUILDAH_ISOLATION=chroot P2PCOPY_DIRECT=off P2PCOPY_DISCOVERY=off P2PCOPY_CODE=abcdef-in-a-container
images() { buildah --root "$work/images" --runroot "$work/run" --storage-driver vfs "$@"; }
trap 'images rm --all > /dev/null 2>&1; clean_up' EXIT

# The SDK image uses /usr of this machine. The runtime image has .NET and its libraries, but no shell.
mkdir -p "$work"/sdk/{etc,tmp,root,usr,var} "$work"/runtime/{etc,tmp,usr/lib64,usr/lib/x86_64-linux-gnu,usr/share/dotnet/shared}
for name in bin sbin lib lib64; do ln -s "usr/$name" "$work/sdk/$name"; done
cp -r /etc/passwd /etc/group /etc/ssl "$work/sdk/etc/"
ln -s usr/lib usr/lib64 "$work/runtime/"
cp -r "$dotnet"/{dotnet,host} "$work/runtime/usr/share/dotnet/"
cp -r "$dotnet/shared/Microsoft.NETCore.App" "$work/runtime/usr/share/dotnet/shared/"
cp -L /lib64/ld-linux-x86-64.so.2 "$work/runtime/usr/lib64/"
for name in libc libm libdl libpthread librt libgcc_s libstdc++ libssl libcrypto; do
    cp -L "$(ldconfig -p | sed -n "s/^\s*${name/++/++}\.so\.[0-9]* (libc6,x86-64.* => //p" | head -1)" "$work/runtime/usr/lib/x86_64-linux-gnu/"
done
for name in sdk:10.0 runtime:10.0-noble-chiseled; do
    printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/bin HOME=/tmp\n' > "$work/file"
    images bud --quiet --file "$work/file" --tag "mcr.microsoft.com/dotnet/$name" "$work/${name%%:*}" > /dev/null
done

# The replacements have tags and no digests.
images bud --build-arg SDK=mcr.microsoft.com/dotnet/sdk:10.0 --build-arg RUNTIME=mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled \
    --volume /usr:/usr:ro --volume "$HOME/.nuget:/tmp/.nuget" --file "$root/deploy/container/Containerfile" --tag p2pcopy "$root" > "$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
entry() { images inspect --type image --format "{{range .OCIv1.Config.$1}}{{.}} {{end}}" p2pcopy; }
container=$(images from p2pcopy)
read -ra command <<< "$(entry Entrypoint)$(entry Cmd)"
echo "as user $(images inspect --type image --format '{{.OCIv1.Config.User}}' p2pcopy): ${command[*]}"
exec 3< <(exec buildah --root "$work/images" --runroot "$work/run" --storage-driver vfs run "$container" -- "${command[@]}" 2> "$work/log")
read -r address <&3 || { cat "$work/log"; exit 1; }
relay=$(pgrep -n -u 1654 -f "^${command[0]} ")
seq 100000 > "$work/numbers"
"$tool" send "$work/numbers" --relay "${address#listening on }" --quiet & sender=$!
"$tool" receive "$work/in" --relay "${address#listening on }" --quiet
wait "$sender"
cmp "$work/numbers" "$work/in/numbers"
stop_relay
for _ in $(seq 100); do grep -q ' stopped$' "$work/log" && echo 'copied through the container, which then stopped in order' && exit; sleep 0.1; done
fail 'it did not stop'
