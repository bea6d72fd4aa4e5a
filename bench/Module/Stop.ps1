# How long each way to stop takes.

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
