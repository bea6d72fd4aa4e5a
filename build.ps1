<#
.SYNOPSIS
    Builds, tests or packages P2PCopy: a thin layer over dotnet.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

switch ($Task) {
    'Build' { dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration }
    'Test' {
        dotnet build "$PSScriptRoot/P2PCopy.slnx" -c $Configuration
        dotnet test --solution "$PSScriptRoot/P2PCopy.slnx" -c $Configuration --no-build
        & "$PSScriptRoot/tests/Pester/Run.ps1"
    }
    'Package' { dotnet build "$PSScriptRoot/src/Package.proj" }
}
