BeforeDiscovery {
    . $PSScriptRoot/StopSession.ps1
    $cases = foreach ($side in 'Send', 'Receive') {
        foreach ($way in $StopWays) {
            foreach ($peer in $StopPeers) { @{ Side = $side; Way = $way; Peer = $peer } }
        }
        # A closed terminal goes the way of SIGTERM: one peer shows that it does.
        @{ Side = $side; Way = 'SIGHUP'; Peer = 'streaming' }
    }
}

BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    . $PSScriptRoot/StopSession.ps1
    $relay = Start-TestRelay
    $tree = Join-Path $TestDrive 'tree'
    New-StopTree $tree
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Stopping' -Skip:$IsWindows {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    AfterEach {
        Remove-Item $out -Recurse -Force -ErrorAction Ignore
    }

    It '<Side>-P2PFile by <Way>, the peer <Peer>: within 500 ms, the other side is told, a partial stays' -ForEach $cases {
        # By the wall clock, which goes on while a busy machine does something else: what is too slow of itself is so each time.
        for ($attempt = 1; ; $attempt++) {
            $stop = Measure-Stop -Way $Way -Peer $Peer -Side $Side -Relay $relay.Uri -Code $code -Tree $tree -Out $out
            if ($stop.Milliseconds -lt 500 -or $attempt -eq 3) { break }
            if ($stop.Process) { $stop.Process.Kill() }
            $code = New-P2PCode
            $out = Join-Path $TestDrive ([guid]::NewGuid())
        }

        $stop.Milliseconds | Should -BeLessThan 500
        $process = $stop.Process
        if ($process) {
            $process.WaitForExit(20000) | Should -BeTrue
            # Behind a receiver that takes nothing in, every buffer is full: word of the end cannot reach it in time, and
            # it finds its connection lost instead.
            $told = if ($Side -eq 'Send' -and $Peer -eq 'stalled') { 6, 8 } else { 8 }
            $process.ExitCode | Should -BeIn $told
            Get-ChildItem $out -Recurse -File | ForEach-Object Name | Should -Not -Contain 'big.bin'
            # A script may throw at the first result, before the large file has begun.
            $least = if ($Side -eq 'Receive' -and $Way -eq 'throw') { 0 } else { 1 }
            @(Get-ChildItem $out -Recurse -Force -Filter *.p2ppart).Count | Should -BeIn ($least..1)
        }
    }

    It 'leaves a partial that the next run goes on from' {
        $stop = Measure-Stop -Way 'Ctrl+C' -Peer 'streaming' -Side 'Receive' -Relay $relay.Uri -Code $code -Tree $tree -Out $out
        $null = $stop.Process.WaitForExit(20000)
        $kept = (Get-ChildItem $out -Recurse -Force -Filter *.p2ppart).Length
        $kept | Should -BeGreaterThan 0

        # Random bytes do not shrink, so the wire shows what travelled.
        $receive = Start-TestReceive $relay.Uri $code $out
        $said = Send-P2PFile $tree -Relay $relay.Uri -Code $code -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        $wire = [double] [regex]::Match("$said", '([\d.]+) MiB on the wire').Groups[1].Value * 1MB
        $wire | Should -BeGreaterThan 0
        $wire | Should -BeLessThan (24MB - $kept + 1MB)
        $null = Wait-TestEnd $receive
        (Get-FileHash "$out/tree/big.bin").Hash | Should -Be (Get-FileHash "$tree/big.bin").Hash
        Get-ChildItem $out -Recurse -Force -Filter *.p2ppart | Should -BeNullOrEmpty
    }

    It 'passes on what a script does downstream: break leaves the loop, and no error is left behind' {
        $send = Start-TestSend $relay.Uri $code $tree @{ ErrorAction = 'SilentlyContinue' }
        $Error.Clear()
        $turns = 0
        foreach ($turn in 1..3) {
            $turns = $turn
            Receive-P2PFile $out -Relay $relay.Uri -Code $code | ForEach-Object { break }
        }
        $turns | Should -Be 1
        $Error | Should -BeNullOrEmpty
        $null = Wait-Job $send -Timeout 30
        Remove-Job $send -Force
    }
}
