# Five ways to stop a cmdlet, with a peer that is idle, streams or has stalled. The measurements use this too.

$StopWays = 'Ctrl+C', 'Select-Object -First', 'throw', 'SIGTERM', 'Stop-Job'
$StopPeers = 'idle', 'streaming', 'stalled'
$Tool = 'release', 'debug' | ForEach-Object { "$PSScriptRoot/../../artifacts/bin/P2PCopy.Tool/$_/p2pcopy" } | Where-Object { Test-Path $_ } | Select-Object -First 1

function Wait-Until {
    param([scriptblock] $Condition)
    $deadline = [DateTime]::UtcNow.AddSeconds(30)
    while (-not (& $Condition)) {
        if ([DateTime]::UtcNow -gt $deadline) { throw "It did not come to: $Condition" }
        Start-Sleep -Milliseconds 10
    }
}

# A file that is there at once, and one that takes six seconds at the rate the tests send with. Beside it lies a file
# of zeros that takes no room and fills every buffer on the way.
function New-StopTree {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    $null = New-Item -ItemType Directory $Path
    'first' | Set-Content "$Path/a.txt"
    $bytes = [byte[]]::new(24MB)
    [Random]::new(7).NextBytes($bytes)
    [IO.File]::WriteAllBytes("$Path/big.bin", $bytes)
    $null = New-Item -ItemType Directory "$Path-huge"
    Copy-Item "$Path/a.txt" "$Path-huge/a.txt"
    # No zeros: a receiver keeps holes, and writes nothing for them.
    $huge = [IO.File]::Create("$Path-huge/huge.bin")
    foreach ($i in 1..128) { $huge.Write($bytes, 0, 16MB) }
    $huge.Close()
}

function Start-StopPeer {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Side, [uri] $Relay, [string] $Code, [string] $Tree, [string] $Out)
    $arguments = if ($Side -eq 'Send') { 'receive', $Out } else { 'send', $Tree, '--bandwidth-limit', '4MiB' }
    $start = [Diagnostics.ProcessStartInfo]::new($Tool)
    $arguments + '--relay', "$Relay", '--retry-timeout', '1', '--json' | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.Environment['P2PCOPY_CODE'] = $Code
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    # Read on, so that it never waits for us.
    $process.BeginOutputReadLine()
    $process.BeginErrorReadLine()
    $process
}

# Milliseconds from the wish to stop to its end, and the peer, which is left running (and continued if it was stalled).
function Measure-Stop {
    param([string] $Way, [string] $Peer, [string] $Side, [uri] $Relay, [string] $Code, [string] $Tree, [string] $Out)
    $command = if ($Side -eq 'Send' -and $Peer -eq 'stalled') {
        "Send-P2PFile -LiteralPath '$Tree-huge' -Relay $Relay -Code $Code -Compression Off"
    } elseif ($Side -eq 'Send') {
        "Send-P2PFile -LiteralPath '$Tree' -Relay $Relay -Code $Code -BandwidthLimit 4MB"
    } else {
        "Receive-P2PFile -Destination '$Out' -Relay $Relay -Code $Code"
    }

    # Nothing comes down a pipeline while a peer is idle, except from a relay, whose clients may be idle all day.
    if ($Peer -eq 'idle' -and $Way -in 'Select-Object -First', 'throw') { $command = 'Start-P2PRelay -Listen 127.0.0.1:0' }
    $process = if ($Peer -ne 'idle') { Start-StopPeer -Side $Side -Relay $Relay -Code $Code -Tree $Tree -Out $Out }
    $stalls = $Peer -eq 'stalled'
    $ready = if ($Peer -eq 'idle') { { param($verbose) $verbose -match 'waiting' } } else {
        # That of the large file: a small one leaves no partial behind.
        { Get-ChildItem $Out -Force -Recurse -Filter *.p2ppart -ErrorAction Ignore | Where-Object Length -GT 64KB }
    }
    try {
        $times = switch ($Way) {
            'Ctrl+C' {
                # What the console does, too: the pipeline of a runspace is stopped from another thread.
                $shell = [powershell]::Create()
                $null = $shell.AddScript("Import-Module '$ModulePath'; $command -Verbose")
                $null = $shell.BeginInvoke()
                Wait-Until { & $ready $shell.Streams.Verbose }
                if ($stalls) { Suspend-Process $process }
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalMilliseconds
                $shell.Dispose()
            }
            'Stop-Job' {
                $job = Start-TestJob { param($command) Invoke-Expression "$command -Verbose" } @(, $command)
                Wait-Until { & $ready $job.Verbose }
                if ($stalls) { Suspend-Process $process }
                $watch = [Diagnostics.Stopwatch]::StartNew()
                Stop-Job $job
                $watch.Elapsed.TotalMilliseconds
                Remove-Job $job -Force
            }
            { $_ -in 'SIGTERM', 'SIGHUP' } {
                $log = "$Out.log"
                # Under nohup SIGHUP is ignored, and what is started would ignore it too.
                $ignored = $IsLinux -and (Get-Content /proc/self/status | Select-String '^SigIgn:.*[13579bdf]$')
                $program = @(if ($ignored) { 'env', '--default-signal=HUP' }) + $PwshPath
                $arguments = @($program | Select-Object -Skip 1) + '-NoProfile', '-NonInteractive', '-Command',
                    "Import-Module '$ModulePath'; $command -Verbose; 'went on' | Set-Content '$Out.on'"
                $pwsh = Start-Process $program[0] -PassThru -RedirectStandardOutput $log -ArgumentList $arguments
                Wait-Until { & $ready "$(Get-Content $log -ErrorAction Ignore)" }
                if ($stalls) { Suspend-Process $process }
                $watch = [Diagnostics.Stopwatch]::StartNew()
                kill "-$($Way.Substring(3))" $pwsh.Id
                $null = $pwsh.WaitForExit(20000)
                $watch.Elapsed.TotalMilliseconds
                if ($pwsh.ExitCode -ne $(if ($Way -eq 'SIGHUP') { 129 } else { 143 })) { throw "It ended with $($pwsh.ExitCode)." }
                if (Test-Path "$Out.on") { throw 'The script went on.' }
            }
            default {
                $watch = [Diagnostics.Stopwatch]::new()
                $downstream = {
                    if ($stalls) { Suspend-Process $process }
                    $watch.Start()
                    if ($Way -eq 'throw') { throw 'enough' }
                    $_
                }
                try { $null = & ([scriptblock]::Create($command)) | ForEach-Object $downstream | Select-Object -First 1 }
                catch { if ("$_" -ne 'enough') { throw } }
                $watch.Elapsed.TotalMilliseconds
            }
        }
    }
    finally {
        if ($stalls) { kill -CONT $process.Id }
    }

    [pscustomobject]@{ Milliseconds = $times | Select-Object -Last 1; Process = $process }
}

function Suspend-Process {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Diagnostics.Process] $Process)
    kill -STOP $Process.Id
    # Until what is under way has filled the buffers between.
    Start-Sleep -Milliseconds 300
}
