# Copies through a relay, by cmdlets or a tool in processes of their own.

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
