#!/bin/sh
# Builds, tests or packages P2PCopy, as build.ps1 does: ./build.sh [build|quick|snapshots|test|package]
set -eu
root=$(cd "$(dirname "$0")" && pwd)
case ${1:-build} in
    build) dotnet build "$root/P2PCopy.slnx" -c Release ;;
    quick)
        # The unit tests and what is compared with the declarations, without analyzers and native code. .ci/run does the rest.
        dotnet build "$root/tests/P2PCopy.Tests.csproj" -c Release -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false
        "$root/artifacts/bin/P2PCopy.Tests/release/P2PCopy.Tests" -noLogo -namespace 'P2PCopy.Tests.Unit.*' -namespace P2PCopy.Tests.Snapshots -namespace P2PCopy.Tests.Documentation
        ;;
    snapshots)
        # Writes the files of tests/Snapshots and the pages that are made from the declarations.
        dotnet build "$root/tests/P2PCopy.Tests.csproj" -c Release -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false
        P2PCOPY_UPDATE_SNAPSHOTS=1 "$root/artifacts/bin/P2PCopy.Tests/release/P2PCopy.Tests" -noLogo -namespace P2PCopy.Tests.Snapshots -namespace P2PCopy.Tests.Documentation
        ;;
    test)
        dotnet build "$root/P2PCopy.slnx" -c Release
        dotnet test --solution "$root/P2PCopy.slnx" -c Release --no-build
        pwsh -NoProfile -File "$root/tests/Pester/Run.ps1"
        ;;
    package) dotnet build "$root/src/Package.proj" ;;
    *) sed -n 2p "$0" >&2; exit 2 ;;
esac
