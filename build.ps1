<#
.SYNOPSIS
    Builds, tests or packages P2PCopy: a thin layer over dotnet.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Quick

    Builds the tests without analyzers and runs the unit tests, in less than a minute.
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Quick', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

switch ($Task) {
    'Build' { dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration }
    'Quick' {
        dotnet build "$PSScriptRoot/tests/P2PCopy.Tests.csproj" -c $Configuration -v q -p:PublishReadyToRun=false -p:RunAnalyzers=false
        & "$PSScriptRoot/artifacts/bin/P2PCopy.Tests/$($Configuration.ToLowerInvariant())/P2PCopy.Tests" -noLogo -namespace 'P2PCopy.Tests.Unit.*'
    }
    'Test' {
        dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration
        dotnet test --solution "$PSScriptRoot/P2PCopy.slnx" -c $Configuration --no-build
        & "$PSScriptRoot/tests/Pester/Run.ps1"
    }
    'Package' { dotnet build "$PSScriptRoot/src/Package.proj" }
}
