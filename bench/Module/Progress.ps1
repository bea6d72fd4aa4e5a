# What it costs to draw progress.

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
