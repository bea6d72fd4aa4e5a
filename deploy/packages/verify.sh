#!/usr/bin/env bash
# Verifies downloaded files of a release: deploy/packages/verify.sh FOLDER ALLOWED_SIGNERS
#
# FOLDER has SHA256SUMS, SHA256SUMS.sig and any of the files that it lists. ALLOWED_SIGNERS has the public key of the project in
# the form of ssh-keygen(1): release@p2pcopy ssh-ed25519 AAAA... Take it from another place than the download.
set -euo pipefail
folder=$1 signers=$2
ssh-keygen -Y verify -q -n p2pcopy -I release@p2pcopy -f "$signers" -s "$folder/SHA256SUMS.sig" < "$folder/SHA256SUMS" ||
    { echo 'error: the signature of SHA256SUMS is not valid'; exit 1; }
cd "$folder"
sha256sum --check --quiet --strict --ignore-missing SHA256SUMS || { echo 'error: a file is not the one that was signed'; exit 1; }
for file in *; do
    [[ $file = SHA256SUMS* ]] || grep -q "  $file\$" SHA256SUMS || { echo "error: $file is not part of the release"; exit 1; }
done
echo 'verified: the hashes are signed, and every file has its hash'
