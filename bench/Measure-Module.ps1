<#
.SYNOPSIS
    Measures the staged module against its budgets; docs/benchmarks.md has the results.
.DESCRIPTION
    Every comparison is interleaved, and every figure is the median of its runs. It needs a release build and 3 GiB of room below
    Folder; on Linux that is memory, so that no disk is measured.
.EXAMPLE
    bench/Measure-Module.ps1
.EXAMPLE
    bench/Measure-Module.ps1 -Only Import, Stop
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'The functions use them.')]
[CmdletBinding()]
param(
    [ValidateSet('Import', 'Bind', 'Emit', 'Progress', 'Stop', 'Transfer')]
    [string[]] $Only = @('Import', 'Bind', 'Emit', 'Progress', 'Stop', 'Transfer'),

    [ValidateRange(1, 100)]
    [int] $Runs = 7,

    [ValidateRange(1, 100000)]
    [int] $FileCount = 10000,

    # A tool that src/Package.proj made, for comparing the cmdlets with it too.
    [string] $Published,

    [string] $Folder = $(if (Test-Path /dev/shm) { '/dev/shm' } else { [IO.Path]::GetTempPath() })
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/../tests/Pester/TestSession.ps1
. $PSScriptRoot/../tests/Pester/StopSession.ps1
Get-ChildItem $PSScriptRoot/Module/*.ps1 | ForEach-Object { . $_ }
$Work = (New-Item -ItemType Directory (Join-Path $Folder "p2pcopy-measure-$PID")).FullName

try {
    $relay = if ($Only | Where-Object { $_ -in 'Emit', 'Progress', 'Transfer' }) { Start-MeasureRelay }
    if ($Only -contains 'Import') { Measure-Import }
    if ($Only -contains 'Bind') { Measure-Bind }
    if ($Only -contains 'Emit') { Measure-Emit $relay.Uri }
    if ($Only -contains 'Progress') { Measure-Progress $relay.Uri }
    if ($Only -contains 'Stop') { Measure-StopLatency }
    if ($Only -contains 'Transfer') { Measure-Transfer $relay.Uri }
}
finally {
    if ($relay) { $relay.Process.Kill() }
    Remove-Item $Work -Recurse -Force
}
