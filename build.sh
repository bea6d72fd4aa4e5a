#!/bin/sh
# Builds, tests or packages P2PCopy, as build.ps1 does: ./build.sh [build|quick|snapshots|test|package]
set -eu
root=$(cd "$(dirname "$0")" && pwd)

# Without analyzers and native code.
build_tests() { dotnet build "$root/tests/P2PCopy.Tests.csproj" -c Release -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false; }

# What is compared with the declarations, and more. Many of them wait, so four run at a time.
run_tests() { "$root/artifacts/bin/P2PCopy.Tests/release/P2PCopy.Tests" -noLogo -maxThreads 4 -namespace P2PCopy.Tests.Snapshots -namespace P2PCopy.Tests.Documentation "$@"; }

case ${1:-build} in
    build) dotnet build "$root/P2PCopy.slnx" -c Release ;;
    quick)
        # The unit tests too. .ci/run does the rest.
        build_tests
        run_tests -namespace 'P2PCopy.Tests.Unit.*'
        ;;
    snapshots)
        # Writes the files of tests/Snapshots and the pages that are made from the declarations.
        build_tests
        P2PCOPY_UPDATE_SNAPSHOTS=1
        export P2PCOPY_UPDATE_SNAPSHOTS
        run_tests
        ;;
    test)
        dotnet build "$root/P2PCopy.slnx" -c Release
        dotnet test --solution "$root/P2PCopy.slnx" -c Release --no-build
        pwsh -NoProfile -File "$root/tests/Pester/Run.ps1"
        ;;
    package) dotnet build "$root/src/Package.proj" ;;
    *) sed -n 2p "$0" >&2; exit 2 ;;
esac
