BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Test-P2PRelay' {
    It 'tells what a relay is and how fast' {
        $test = Test-P2PRelay $relay.Uri -MeasureSeconds 1
        $test.Succeeded | Should -BeTrue
        $test.Reachable | Should -BeTrue
        $test.TlsValid | Should -BeNullOrEmpty
        $test.Version | Should -Be (Import-PowerShellDataFile $ModulePath).ModuleVersion
        $test.RoundTrip | Should -BeOfType [timespan]
        $test.RoundTrip.Ticks | Should -BeGreaterThan 0
        $test.BytesPerSecond | Should -BeGreaterThan 100KB
    }

    It 'tells why a relay is of no use, as a result and not as an error' {
        $test = Test-P2PRelay ws://127.0.0.1:1 -ErrorVariable problems
        $problems | Should -BeNullOrEmpty
        $test.Succeeded | Should -BeFalse
        $test.Reachable | Should -BeFalse
        $test.ErrorId | Should -Be 'RelayConnectFailed'
        $test.Message | Should -Not -BeNullOrEmpty
    }

    It 'takes addresses and relays of the pipeline, one result each' {
        $tests = "$($relay.Uri)", 'ws://127.0.0.1:1' | Test-P2PRelay -MeasureSeconds 0
        $tests.Succeeded | Should -Be @($true, $false)
        ($relay.Info | Test-P2PRelay -MeasureSeconds 0).Succeeded | Should -BeTrue
        (Start-P2PRelay -Listen 127.0.0.1:0 | Test-P2PRelay -MeasureSeconds 0 | Select-Object -First 1).Succeeded | Should -BeTrue
    }

    It 'gives one truth for all with -Quiet' {
        Test-P2PRelay $relay.Uri -MeasureSeconds 0 -Quiet | Should -BeTrue
        $relay.Uri, 'ws://127.0.0.1:1' | Test-P2PRelay -MeasureSeconds 0 -Quiet | Should -BeFalse
    }

    It 'reads P2PCOPY_RELAY and needs a relay' {
        $env:P2PCOPY_RELAY = $relay.Uri
        try { (Test-P2PRelay -MeasureSeconds 0).Succeeded | Should -BeTrue } finally { Remove-Item Env:P2PCOPY_RELAY }
        { Test-P2PRelay } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.TestP2PRelayCommand'
        { Test-P2PRelay http://relay } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.TestP2PRelayCommand'
    }

    It 'reads well in 80 columns' {
        $text = Test-P2PRelay $relay.Uri -MeasureSeconds 1 | Out-String -Width 80
        $text | Should -Match 'Round trip : [\d.]+ ms'
        $text | Should -Match 'Throughput : [\d.]+ [KMG]iB/s'
        (Test-P2PRelay ws://127.0.0.1:1 | Out-String -Width 80) -replace '\s' | Should -Match '\(RelayConnectFailed\)'
    }

    It 'stops at once' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$ModulePath'; Test-P2PRelay $($relay.Uri) -MeasureSeconds 60 -Verbose")
        $null = $shell.BeginInvoke()
        $deadline = [DateTime]::UtcNow.AddSeconds(20)
        while (-not $shell.Streams.Verbose.Count -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 10 }
        Start-Sleep -Milliseconds 200
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.ElapsedMilliseconds | Should -BeLessThan 500
        $shell.Dispose()
    }
}
