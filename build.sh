#!/bin/sh
# Builds, tests or packages P2PCopy, as build.ps1 does: ./build.sh [build|quick|test|package]
set -eu
root=$(cd "$(dirname "$0")" && pwd)
case ${1:-build} in
    build) dotnet build "$root/P2PCopy.slnx" -c Release ;;
    quick)
        # The unit tests, without analyzers and without native code. .ci/run does the rest.
        dotnet build "$root/tests/P2PCopy.Tests.csproj" -c Release -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false
        "$root/artifacts/bin/P2PCopy.Tests/release/P2PCopy.Tests" -noLogo -namespace 'P2PCopy.Tests.Unit.*'
        ;;
    test)
        dotnet build "$root/P2PCopy.slnx" -c Release
        dotnet test --solution "$root/P2PCopy.slnx" -c Release --no-build
        pwsh -NoProfile -File "$root/tests/Pester/Run.ps1"
        ;;
    package) dotnet build "$root/src/Package.proj" ;;
    *) sed -n 2p "$0" >&2; exit 2 ;;
esac
