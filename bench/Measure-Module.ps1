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

# What the import of a module takes in a process of its own: milliseconds and MB of working set. A fresh process has run
# nothing before, so that PowerShell's own first use of its loaders is counted with the module; a session in use has run one
# command of PowerShell's own modules, as any has that comes to transfer something.
function Measure-OneImport {
    param([string] $Path, [switch] $InUse)
    $script = '$null = {1}; $b = [Environment]::WorkingSet; $w = [Diagnostics.Stopwatch]::StartNew(); Import-Module {0}; $w.Stop(); "$($w.Elapsed.TotalMilliseconds) $(([Environment]::WorkingSet - $b) / 1MB)"'
    [double[]] ((& $PwshPath -NoProfile -NonInteractive -Command ($script -f $Path, $(if ($InUse) { 'Get-Random' } else { '0' }))) -split ' ')
}

# The assembly alone is what can be compared in time. What a manifest, a format file and a types file cost anybody is shown by
# a bare module that has them empty.
function Measure-Import {
    New-BareModule "$Work/Bare.dll"
    $keys = "RootModule = 'Bare.dll'; ModuleVersion = '1.0'; CmdletsToExport = @('Get-Bare1'); FunctionsToExport = @(); VariablesToExport = @(); AliasesToExport = @()"
    "@{ $keys }" | Set-Content "$Work/Bare.psd1"
    "@{ $keys; FormatsToProcess = @('Bare.Format.ps1xml'); TypesToProcess = @('Bare.Types.ps1xml') }" | Set-Content "$Work/BareFiles.psd1"
    '<?xml version="1.0" encoding="utf-8"?><Configuration></Configuration>' | Set-Content "$Work/Bare.Format.ps1xml"
    '<?xml version="1.0" encoding="utf-8"?><Types></Types>' | Set-Content "$Work/Bare.Types.ps1xml"
    $cases = [ordered]@{
        Assembly = @{ Path = "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll" }
        BareAssembly = @{ Path = "$Work/Bare.dll" }
        Module = @{ Path = $ModulePath }
        Bare = @{ Path = "$Work/Bare.psd1" }
        BareFiles = @{ Path = "$Work/BareFiles.psd1" }
        ModuleInUse = @{ Path = $ModulePath; InUse = $true }
        BareFilesInUse = @{ Path = "$Work/BareFiles.psd1"; InUse = $true }
    }
    $times, $sizes = @{}, @{}
    foreach ($run in 0..$Runs) {
        foreach ($case in $cases.Keys) {
            $with = $cases[$case]
            $time, $size = Measure-OneImport @with
            # The first of each only warms the disk's cache.
            if ($run) {
                $times[$case] += @($time)
                $sizes[$case] += @($size)
            }
        }
    }
    $ms, $mb = @{}, @{}
    foreach ($case in $cases.Keys) {
        $ms[$case] = Get-Median $times[$case]
        $mb[$case] = Get-Median $sizes[$case]
    }
    Write-Figure -What 'Import-Module of the assembly, against a bare one of the same size' -Budget '<= 1.2 x' -Measured ('{0:0.00} x ({1:0.0} ms, bare {2:0.0} ms)' -f ($ms.Assembly / $ms.BareAssembly), $ms.Assembly, $ms.BareAssembly)
    Write-Figure -What 'the same with manifest, formats and types, against a bare one that has them empty' -Budget '' -Measured ('{0:0.00} x ({1:0.0} ms, bare {2:0.0} ms; without formats and types {3:0.0} ms)' -f ($ms.Module / $ms.BareFiles), $ms.Module, $ms.BareFiles, $ms.Bare)
    Write-Figure -What 'working set after the import, in a session in use' -Budget '<= +6 MB' -Measured ('+{0:0.0} MB (the bare one +{1:0.0} MB)' -f $mb.ModuleInUse, $mb.BareFilesInUse)
    Write-Figure -What 'the same, as the first thing a process does' -Budget '' -Measured ('+{0:0.0} MB (the bare one +{1:0.0} MB, +{2:0.0} MB without formats and types; the assembly alone +{3:0.0} MB, bare +{4:0.0} MB)' -f $mb.Module, $mb.BareFiles, $mb.Bare, $mb.Assembly, $mb.BareAssembly)
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

# The seconds of a receiver's own report, from what it said with -Verbose.
function Get-ReportedSecond {
    param($Said)
    $found = [regex]::Match("$Said", 'in ([\d.]+) s')
    if (-not $found.Success) { throw "The cmdlets did not copy: $Said" }
    [double] $found.Groups[1].Value
}

# Both sides in processes of their own, of the cmdlets or of a tool; the seconds are those of the receiver's own report. A
# PowerShell that has just started compiles its own code anew in the background for a second or two, whatever it runs: -Rested
# waits until it has.
function Measure-Copy {
    param([string] $With, [uri] $Relay, [string] $Source, [string] $Out, [switch] $Keep, [switch] $Rested)
    if (-not $Keep -and (Test-Path $Out)) { Remove-Item $Out -Recurse -Force }
    $env:P2PCOPY_RELAY = $Relay
    $env:P2PCOPY_CODE = New-P2PCode
    try {
        if ($With) {
            $send = Start-Process $With -PassThru -ArgumentList 'send', $Source, '--quiet' -RedirectStandardOutput "$Work/send.log" -RedirectStandardError "$Work/send.err"
            $said = & $With receive $Out --json --quiet | Select-Object -Last 1 | ConvertFrom-Json
            $send.WaitForExit()
            if (-not $said.succeeded) { throw "The tool did not copy: $said" }
            return $said.seconds
        }
        $begin = "Import-Module $ModulePath; Start-Sleep $(if ($Rested) { 3 } else { 0 })"
        $send = Start-Process $PwshPath -PassThru -ArgumentList '-NoProfile', '-NonInteractive', '-Command', "$begin; `$null = Send-P2PFile -LiteralPath $Source" -RedirectStandardOutput "$Work/send.log" -RedirectStandardError "$Work/send.err"
        $said = & $PwshPath -NoProfile -NonInteractive -Command "$begin; Receive-P2PFile $Out -Verbose 4>&1 | Where-Object { `$_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message"
        $send.WaitForExit()
        Get-ReportedSecond $said
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
    $null = Measure-Copy -With $Tool -Relay $Relay -Source $many -Out "$Work/emitted"
    $byCmdlets, $byTool = @(), @()
    foreach ($run in 0..$Runs) {
        $a = Measure-Copy -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        $b = Measure-Copy -With $Tool -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        if ($run) { $byCmdlets += $a; $byTool += $b }
    }
    Write-Figure -What "$FileCount results emitted, with everything else a file takes" -Budget '<= 60 us each' -Measured ('{0:0.0} us each (by the tool {1:0.0} us)' -f (1e6 * (Get-Median $byCmdlets) / $FileCount), (1e6 * (Get-Median $byTool) / $FileCount))
}

# Runs a script in a terminal of 80 columns, which answers where its cursor is, as drawing asks it; what came is in a file.
function Start-OnTerminal {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name)
    tmux -L "p2pcopy-$PID-$Name" -f /dev/null new-session -d -x 80 -y 24 "$PwshPath -NoProfile -File $Work/$Name.ps1" ';' pipe-pane "cat > $Work/$Name.tty"
}

# Sender and receiver, each on a terminal of its own: the seconds of the receiver's own report, and the processor time of both.
function Measure-ShownCopy {
    param([uri] $Relay, [string] $Source, [string] $Out, [string] $ProgressAction)
    Remove-Item $Out, "$Work/*.shown", "$Work/*.tty" -Recurse -Force -ErrorAction Ignore
    $env:P2PCOPY_RELAY = $Relay
    $env:P2PCOPY_CODE = New-P2PCode
    $head = "Import-Module $ModulePath; `$ProgressPreference = '$ProgressAction'"
    $tail = '$said; [Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.TotalSeconds'
    "$head; `$null = Send-P2PFile -LiteralPath $Source; & { $tail } | Set-Content $Work/send.part; Move-Item $Work/send.part $Work/send.shown" | Set-Content "$Work/send.ps1"
    "$head; `$said = Receive-P2PFile $Out -Verbose 4>&1 | Where-Object { `$_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message; & { $tail } | Set-Content $Work/receive.part; Move-Item $Work/receive.part $Work/receive.shown" |
        Set-Content "$Work/receive.ps1"
    try {
        Start-OnTerminal send
        Start-OnTerminal receive
        Wait-Until { (Test-Path "$Work/send.shown") -and (Test-Path "$Work/receive.shown") }
        $said = Get-Content "$Work/receive.shown"
        [pscustomobject]@{
            Seconds = Get-ReportedSecond $said
            Cpu = [double] $said[-1] + [double] (Get-Content "$Work/send.shown")
            Drawn = [regex]::Matches("$(Get-Content "$Work/receive.tty" -Raw)", 'Receiving').Count
        }
    }
    finally {
        Remove-Item Env:P2PCOPY_RELAY, Env:P2PCOPY_CODE
    }
}

# In turn with and without; the second of each pair is compared with the first, so that a slow minute meets both.
function Measure-Progress {
    param([uri] $Relay)
    $file = New-RandomFile
    $shown, $silent = @(), @()
    foreach ($run in 0..$Runs) {
        foreach ($action in $(if ($run % 2) { 'Continue', 'SilentlyContinue' } else { 'SilentlyContinue', 'Continue' })) {
            $copy = Measure-ShownCopy -Relay $Relay -Source $file -Out "$Work/copied" -ProgressAction $action
            if (($action -eq 'Continue') -ne ($copy.Drawn -gt 0)) { throw "With $action progress was drawn $($copy.Drawn) times." }
            if (-not $run) { continue }
            if ($action -eq 'Continue') { $shown += $copy } else { $silent += $copy }
        }
    }
    Remove-Item $file, "$Work/copied" -Recurse -Force
    $more = 100 * ((Get-Median $shown.Seconds) / (Get-Median $silent.Seconds) - 1)
    $moreCpu = 100 * ((Get-Median $shown.Cpu) / (Get-Median $silent.Cpu) - 1)
    Write-Figure -What '1 GiB of random bytes with progress drawn on both terminals, against none' -Budget '<= 1 % of wall time' -Measured ('{0:+0.0;-0.0} % ({1:0.000} s, without {2:0.000} s; processor time of both {3:+0.0;-0.0} %, {4:0.00} s and {5:0.00} s, starts included; {6} records drawn by the receiver)' -f
        $more, (Get-Median $shown.Seconds), (Get-Median $silent.Seconds), $moreCpu, (Get-Median $shown.Cpu), (Get-Median $silent.Cpu), (Get-Median $shown.Drawn))

    # What one record costs whoever draws it, which is the pipeline's thread and not the transfer's.
    'foreach ($i in 1..200) { $w = [Diagnostics.Stopwatch]::StartNew(); Write-Progress Receiving -Id 1 -Status "$i.0 MiB of 57.2 MiB, 8.0 MiB/s, 0 of 4 files" -PercentComplete ($i / 2); $w.Elapsed.TotalMilliseconds | Add-Content ' + "$Work/each.part; Start-Sleep -Milliseconds 20 }; Move-Item $Work/each.part $Work/each.shown" |
        Set-Content "$Work/each.ps1"
    Start-OnTerminal each
    Wait-Until { Test-Path "$Work/each.shown" }
    $each = Get-Median ([double[]] (Get-Content "$Work/each.shown"))
    Write-Figure -What 'one progress record, drawn on a terminal' -Budget '' -Measured ('{0:0.00} ms; at most 8 a second are {1:0.00} % of the pipeline''s thread' -f $each, ($each * 8 / 10))
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

function New-RandomFile {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $file = "$Work/random.bin"
    $stream = [IO.File]::Create($file)
    $block = [byte[]]::new(16MB)
    $random = [Random]::new(1)
    foreach ($i in 1..64) { $random.NextBytes($block); $stream.Write($block) }
    $stream.Close()
    $file
}

# In use are this session, which receives, and one job, which sends one copy after the other. The first copy of a session pays
# for what PowerShell and the engine compile anew once.
function Measure-Transfer {
    param([uri] $Relay)
    $file = New-RandomFile
    $out = "$Work/copied"
    $codes = 0..$Runs | ForEach-Object { New-P2PCode }
    $sending = Start-Job {
        Import-Module $using:ModulePath
        foreach ($code in $using:codes) { $null = Send-P2PFile -LiteralPath $using:file -Relay $using:Relay -Code $code }
    }
    $tools = @($Tool) + @($Published | Where-Object { $_ } | Resolve-Path | Convert-Path)
    $inUse, $fresh, $rested, $byTool = @(), @(), @(), @{}
    foreach ($run in 0..$Runs) {
        if (Test-Path $out) { Remove-Item $out -Recurse -Force }
        $said = Receive-P2PFile $out -Relay $Relay -Code $codes[$run] -ProgressAction SilentlyContinue -Verbose 4>&1
        $a = Get-ReportedSecond ($said | Where-Object { $_ -is [Management.Automation.VerboseRecord] })
        $b = Measure-Copy -Relay $Relay -Source $file -Out $out
        $c = Measure-Copy -Relay $Relay -Source $file -Out $out -Rested
        if ($run) { $inUse += $a; $fresh += $b; $rested += $c }
        foreach ($one in $tools) {
            $d = Measure-Copy -With $one -Relay $Relay -Source $file -Out $out
            if ($run) { $byTool[$one] += @($d) }
        }
    }
    Receive-Job $sending -Wait -AutoRemoveJob
    Remove-Item $file, $out -Recurse -Force
    $cases = @{ Seconds = $inUse; What = 'in sessions in use'; Budget = '<= +5 %' },
        @{ Seconds = $fresh; What = 'the first of sessions that have just started' },
        @{ Seconds = $rested; What = 'the first of sessions that have waited 3 s' }
    foreach ($case in $cases) {
        $seconds = Get-Median $case.Seconds
        $against = foreach ($one in $tools) {
            $its = Get-Median $byTool[$one]
            '{0:+0.0;-0.0} % ({1} {2:0.000} s)' -f (100 * ($seconds / $its - 1)), (Split-Path $one -Leaf), $its
        }
        Write-Figure -What "1 GiB of random bytes by cmdlets, against the tool: $($case.What)" -Budget $case.Budget -Measured ('{0:0.000} s: {1}' -f $seconds, ($against -join ', '))
    }
}

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
