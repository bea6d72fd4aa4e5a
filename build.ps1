<#
.SYNOPSIS
    Builds, tests or packages P2PCopy: a thin layer over dotnet.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Quick

    Builds the tests without analyzers and runs the unit tests, in less than a minute on an idle machine.
.EXAMPLE
    ./build.ps1 -Task Snapshots

    Writes the files of tests/Snapshots and the pages that are made from the declarations.
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Quick', 'Snapshots', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function BuildTests {
    dotnet build "$PSScriptRoot/tests/P2PCopy.Tests.csproj" -c $Configuration -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false
}

# What is compared with the declarations, and more. Many of them wait, so four run at a time.
function RunTests {
    & "$PSScriptRoot/artifacts/bin/P2PCopy.Tests/$($Configuration.ToLowerInvariant())/P2PCopy.Tests" -noLogo -maxThreads 4 -namespace P2PCopy.Tests.Snapshots -namespace P2PCopy.Tests.Documentation @args
}

switch ($Task) {
    'Build' { dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration }
    'Quick' {
        BuildTests
        RunTests -namespace 'P2PCopy.Tests.Unit.*'
    }
    'Snapshots' {
        BuildTests
        $env:P2PCOPY_UPDATE_SNAPSHOTS = 1
        try { RunTests }
        finally { $env:P2PCOPY_UPDATE_SNAPSHOTS = $null }
    }
    'Test' {
        dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration
        dotnet test --solution "$PSScriptRoot/P2PCopy.slnx" -c $Configuration --no-build
        & "$PSScriptRoot/tests/Pester/Run.ps1"
    }
    'Package' { dotnet build "$PSScriptRoot/src/Package.proj" }
}
