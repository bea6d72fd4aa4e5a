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

    [string] $Folder = $(if (Test-Path /dev/shm) { '/dev/shm' } else { [IO.Path]::GetTempPath() })
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/../tests/Pester/TestSession.ps1
. $PSScriptRoot/../tests/Pester/StopSession.ps1
$Pwsh = [Environment]::ProcessPath
$Work = (New-Item -ItemType Directory (Join-Path $Folder "p2pcopy-measure-$PID")).FullName

function Get-Median {
    param([double[]] $Values)
    $sorted = $Values | Sort-Object
    $sorted[[Math]::Floor(($sorted.Count - 1) / 2)]
}

function Write-Figure {
    param([string] $What, [string] $Budget, [string] $Measured)
    [pscustomobject]@{ What = $What; Budget = $Budget; Measured = $Measured }
}

# A module of one assembly with as many cmdlets and bytes as ours, that does nothing.
function New-BareModule {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    $ours = (Get-Item "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll").Length
    $cmdlets = 1..5 | ForEach-Object { "[Cmdlet(`"Get`", `"Bare$_`")] public sealed class GetBare$_ : PSCmdlet { [Parameter] public string Name { get; set; } }" }
    [IO.File]::WriteAllBytes("$Work/padding", [byte[]]::new([Math]::Max(0, $ours - 4096)))
    Add-Type -TypeDefinition "using System.Management.Automation; $cmdlets" -OutputAssembly $Path -CompilerOptions "/resource:$Work/padding"
}

# In fresh processes: the assembly alone, which is what can be compared, and with its manifest, formats and types.
function Measure-Import {
    New-BareModule "$Work/Bare.dll"
    "@{ RootModule = 'Bare.dll'; ModuleVersion = '1.0'; CmdletsToExport = @('Get-Bare1'); FunctionsToExport = @(); VariablesToExport = @(); AliasesToExport = @() }" |
        Set-Content "$Work/Bare.psd1"
    $assembly = "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll"
    $paths = $assembly, "$Work/Bare.dll", $ModulePath, "$Work/Bare.psd1"
    $script = '$b = [Environment]::WorkingSet; $w = [Diagnostics.Stopwatch]::StartNew(); Import-Module {0}; $w.Stop(); "$($w.Elapsed.TotalMilliseconds) $([Environment]::WorkingSet - $b)"'
    $times, $sizes = @{}, @{}
    foreach ($run in 0..$Runs) {
        foreach ($path in $paths) {
            $time, $bytes = [double[]] ((& $Pwsh -NoProfile -NonInteractive -Command ($script -f $path)) -split ' ')
            # The first of each only warms the disk's cache.
            if ($run) {
                $times[$path] += @($time)
                $sizes[$path] += @($bytes / 1MB)
            }
        }
    }
    $time, $bare, $whole, $bareWhole = $paths | ForEach-Object { Get-Median $times[$_] }
    Write-Figure -What 'Import-Module of the assembly, against a bare one of the same size' -Budget '<= 1.2 x' -Measured ('{0:0.00} x ({1:0.0} ms, bare {2:0.0} ms)' -f ($time / $bare), $time, $bare)
    Write-Figure -What 'the same with manifest, formats and types, against a bare one with a manifest' -Budget '' -Measured ('{0:0.0} ms, bare {1:0.0} ms' -f $whole, $bareWhole)
    Write-Figure -What 'working set after the import' -Budget '<= +6 MB' -Measured ('+{0:0.0} MB (bare +{1:0.0} MB; the assembly alone +{2:0.0} MB)' -f (Get-Median $sizes[$ModulePath]), (Get-Median $sizes["$Work/Bare.psd1"]), (Get-Median $sizes[$assembly]))
}

function New-ManyFile {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $many = "$Work/many"
    if (-not (Test-Path $many)) {
        $null = [IO.Directory]::CreateDirectory($many)
        foreach ($i in 1..$FileCount) { [IO.File]::Create("$many/$i.txt").Dispose() }
    }
    $many
}

function Measure-Bind {
    $many = New-ManyFile
    $files = [IO.DirectoryInfo]::new($many).GetFiles()
    $piped, $named = @(), @()
    foreach ($run in 0..$Runs) {
        $a = (Measure-Command { $null = $files | Send-P2PFile -WhatIf 6>$null }).TotalMilliseconds
        $b = (Measure-Command { $null = Send-P2PFile -LiteralPath $many -WhatIf 6>$null }).TotalMilliseconds
        if ($run) { $piped += $a; $named += $b }
    }
    $each = 1000 * ((Get-Median $piped) - (Get-Median $named)) / $FileCount
    Write-Figure -What "$FileCount FileInfo of a pipeline bound and resolved" -Budget '<= 40 us each' -Measured ('{0:0.0} us each ({1:0} ms, of which looking at the files {2:0} ms)' -f $each, (Get-Median $piped), (Get-Median $named))
}

# Both sides in processes of their own; the seconds are those of the receiver's own report.
function Measure-Copy {
    param([string] $Face, [uri] $Relay, [string] $Source, [string] $Out, [switch] $Keep)
    if (-not $Keep -and (Test-Path $Out)) { Remove-Item $Out -Recurse -Force }
    $env:P2PCOPY_RELAY = $Relay
    $env:P2PCOPY_CODE = New-P2PCode
    try {
        if ($Face -eq 'tool') {
            $send = Start-Process $Tool -PassThru -ArgumentList 'send', $Source, '--quiet' -RedirectStandardOutput "$Work/send.log" -RedirectStandardError "$Work/send.err"
            $said = & $Tool receive $Out --json --quiet | Select-Object -Last 1 | ConvertFrom-Json
            $send.WaitForExit()
            if (-not $said.succeeded) { throw "The tool did not copy: $said" }
            return $said.seconds
        }
        $send = Start-Process $Pwsh -PassThru -ArgumentList '-NoProfile', '-NonInteractive', '-Command', "Import-Module $ModulePath; `$null = Send-P2PFile -LiteralPath $Source" -RedirectStandardOutput "$Work/send.log" -RedirectStandardError "$Work/send.err"
        $said = & $Pwsh -NoProfile -NonInteractive -Command "Import-Module $ModulePath; Receive-P2PFile $Out -Verbose 4>&1 | Where-Object { `$_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message"
        $send.WaitForExit()
        $found = [regex]::Match("$said", 'in ([\d.]+) s')
        if (-not $found.Success) { throw "The cmdlets did not copy: $said" }
        return [double] $found.Groups[1].Value
    }
    finally {
        Remove-Item Env:P2PCOPY_RELAY, Env:P2PCOPY_CODE
    }
}

function Start-MeasureRelay {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $log = "$Work/relay.log"
    $process = Start-Process $Tool -PassThru -ArgumentList 'relay', '--listen', '127.0.0.1:0', '--quiet' -RedirectStandardOutput $log -RedirectStandardError "$Work/relay.err"
    Wait-Until { (Get-Content $log -ErrorAction Ignore) -match 'listening on' }
    [pscustomobject]@{ Process = $process; Uri = [uri] ((Get-Content $log) -replace 'listening on ') }
}

# What is there already and equal costs the engine least: what a result costs on its way out shows best.
function Measure-Emit {
    param([uri] $Relay)
    $many = New-ManyFile
    $null = Measure-Copy -Face 'tool' -Relay $Relay -Source $many -Out "$Work/emitted"
    $byCmdlets, $byTool = @(), @()
    foreach ($run in 0..$Runs) {
        $a = Measure-Copy -Face 'cmdlets' -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        $b = Measure-Copy -Face 'tool' -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        if ($run) { $byCmdlets += $a; $byTool += $b }
    }
    Write-Figure -What "$FileCount results emitted, with everything else a file takes" -Budget '<= 60 us each' -Measured ('{0:0.0} us each (by the tool {1:0.0} us)' -f (1e6 * (Get-Median $byCmdlets) / $FileCount), (1e6 * (Get-Median $byTool) / $FileCount))
}

# A record drawn on a terminal of 80 columns, eight times a second: four for the transfer and four for its file.
function Measure-Progress {
    $inner = '$w = [Diagnostics.Stopwatch]::StartNew(); foreach ($i in 1..200) { Write-Progress Receiving -Id 1 -Status "$i.0 MiB of 57.2 MiB, 8.0 MiB/s, 0 of 4 files" -PercentComplete ($i / 2) }; $w.Stop(); $w.Elapsed.TotalMilliseconds / 200 | Set-Content ' + "$Work/progress"
    $inner | Set-Content "$Work/progress.ps1"
    $null = script -qec "$Pwsh -NoProfile -File $Work/progress.ps1" /dev/null
    $each = [double] (Get-Content "$Work/progress")
    Write-Figure -What 'progress, drawn on a terminal' -Budget '<= 1 % of wall time' -Measured ('{0:0.00} % ({1:0.00} ms a record, at most 8 a second)' -f ($each * 8 / 10), $each)
}

function Measure-StopLatency {
    New-StopTree "$Work/stop"
    $relay = Start-TestRelay
    try {
        foreach ($way in $StopWays) {
            $times = foreach ($side in 'Send', 'Receive') {
                foreach ($peer in $StopPeers) {
                    $out = "$Work/stopped"
                    Remove-Item $out, "$out.log" -Recurse -Force -ErrorAction Ignore
                    $stop = Measure-Stop -Way $way -Peer $peer -Side $side -Relay $relay.Uri -Code (New-P2PCode) -Tree "$Work/stop" -Out $out
                    if ($stop.Process) { $null = $stop.Process.WaitForExit(20000) }
                    $stop.Milliseconds
                }
            }
            Write-Figure -What "stopped by $way" -Budget '<= 500 ms' -Measured ('{0:0} ms at most: send {1}, receive {2} (peer idle, streaming, stalled)' -f
                ($times | Measure-Object -Maximum).Maximum, (($times[0..2] | ForEach-Object { '{0:0}' -f $_ }) -join ' / '), (($times[3..5] | ForEach-Object { '{0:0}' -f $_ }) -join ' / '))
        }
    }
    finally {
        Stop-TestRelay $relay
    }
}

function Measure-Transfer {
    param([uri] $Relay)
    $file = "$Work/random.bin"
    $stream = [IO.File]::Create($file)
    $block = [byte[]]::new(16MB)
    $random = [Random]::new(1)
    foreach ($i in 1..64) { $random.NextBytes($block); $stream.Write($block) }
    $stream.Close()
    $byCmdlets, $byTool = @(), @()
    foreach ($run in 0..$Runs) {
        $a = Measure-Copy -Face 'cmdlets' -Relay $Relay -Source $file -Out "$Work/copied"
        $b = Measure-Copy -Face 'tool' -Relay $Relay -Source $file -Out "$Work/copied"
        if ($run) { $byCmdlets += $a; $byTool += $b }
    }
    Remove-Item $file, "$Work/copied" -Recurse -Force
    $more = 100 * ((Get-Median $byCmdlets) / (Get-Median $byTool) - 1)
    Write-Figure -What '1 GiB of random bytes by cmdlets, against the tool' -Budget '<= +5 %' -Measured ('{0:+0.0;-0.0} % ({1:0.000} s, tool {2:0.000} s)' -f $more, (Get-Median $byCmdlets), (Get-Median $byTool))
}

try {
    $relay = if ($Only -contains 'Emit' -or $Only -contains 'Transfer') { Start-MeasureRelay }
    if ($Only -contains 'Import') { Measure-Import }
    if ($Only -contains 'Bind') { Measure-Bind }
    if ($Only -contains 'Emit') { Measure-Emit $relay.Uri }
    if ($Only -contains 'Progress') { Measure-Progress }
    if ($Only -contains 'Stop') { Measure-StopLatency }
    if ($Only -contains 'Transfer') { Measure-Transfer $relay.Uri }
}
finally {
    if ($relay) { $relay.Process.Kill() }
    Remove-Item $Work -Recurse -Force
}
