# What is neither a result nor its end: progress, milestones, surprises, and what -ErrorAction makes of a file that fails.
BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
    $tree = (New-Item -ItemType Directory "$TestDrive/tree").FullName
    1..3 | ForEach-Object { "file $_" | Set-Content "$tree/$_.txt" }
    $bytes = [byte[]]::new(8MB)
    [Random]::new(3).NextBytes($bytes)
    [IO.File]::WriteAllBytes("$tree/big.bin", $bytes)
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Progress' {
    BeforeAll {
        # In a runspace of its own, whose records can be looked at with the time they came.
        $code = New-P2PCode
        $send = Start-TestSend $relay.Uri $code $tree @{ BandwidthLimit = 4MB }
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$ModulePath'; Receive-P2PFile '$TestDrive/progress' -Relay $($relay.Uri) -Code $code")
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $null = $shell.Invoke()
        $seconds = $watch.Elapsed.TotalSeconds
        $null = Wait-TestEnd $send
        $records = @($shell.Streams.Progress)
        $parents = @($records | Where-Object ParentActivityId -LT 0)
        $children = @($records | Where-Object ParentActivityId -GE 0)
        $shell.Dispose()
    }

    It 'has a record for the transfer and a child for the file' {
        $parents | Should -Not -BeNullOrEmpty
        $children | Should -Not -BeNullOrEmpty
        $parents.ActivityId | Select-Object -Unique | Should -HaveCount 1
        $children.ParentActivityId | Select-Object -Unique | Should -Be $parents[0].ActivityId
        $children.Activity | Should -Contain 'tree/big.bin'
    }

    It 'comes at most five times a second' {
        # Completed comes on top.
        $parents.Count | Should -BeLessOrEqual (5 * $seconds + 2)
        $children.Count | Should -BeLessOrEqual (5 * $seconds + 2)
    }

    It 'tells sizes, rate and time left, and stays between 0 and 100' {
        $parents.StatusDescription -match '^[\d.]+ [KM]iB of 8\.0 MiB, [\d.]+ [KM]iB/s, \d of 4 files$' | Should -Not -BeNullOrEmpty
        @($parents.SecondsRemaining) -gt 0 | Should -Not -BeNullOrEmpty
        @($records.PercentComplete) -gt 100 | Should -BeNullOrEmpty
        @($records.PercentComplete) -lt -1 | Should -BeNullOrEmpty
    }

    It 'always ends with Completed' {
        $parents[-1].RecordType | Should -Be 'Completed'
        $children[-1].RecordType | Should -Be 'Completed'

        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$ModulePath'; Send-P2PFile '$tree' -Relay $($relay.Uri) -Code $(New-P2PCode) -WaitTimeoutSeconds 1")
        $null = $shell.Invoke()
        $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'PeerDidNotCome*'
        $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
        $shell.Dispose()
    }
}

Describe 'Streams' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory "$out/tree"
        'in the way' | Set-Content "$out/tree/2.txt"
        $send = Start-TestSend $relay.Uri $code $tree @{ ErrorAction = 'SilentlyContinue' }
    }

    AfterEach {
        $null = Wait-Job $send -Timeout 30
        Remove-Job $send -Force
    }

    It 'tell milestones when asked for, and never a code' {
        $said = Receive-P2PFile $out -Relay $relay.Uri -Code $code -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$said" | Should -Match 'Both sides know the code'
        "$said" | Should -Match 'The offer: 4 files'
        "$said" | Should -Match 'Received [\d.]+ MiB in [\d.]+ s'
        "$said" | Should -Not -Match ([regex]::Escape($code))
    }

    It 'leave a file that fails to -ErrorAction: SilentlyContinue goes on' {
        $results = Receive-P2PFile $out -Relay $relay.Uri -Code $code -OnConflict Fail -ErrorAction SilentlyContinue -ErrorVariable problems
        $results | Should -HaveCount 4
        $problems | Should -HaveCount 1
        $problems[0].TargetObject | Should -BeOfType ([type] 'P2PCopy.Cmdlets.P2PFileResult')
    }

    It 'leave a file that fails to -ErrorAction: Stop ends it, and the other side is told' {
        { Receive-P2PFile $out -Relay $relay.Uri -Code $code -OnConflict Fail -ErrorAction Stop } |
            Should -Throw -ErrorId 'DestinationExists,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
    }
}

Describe 'A link that is left out' {
    It 'is a warning' -Skip:$IsWindows {
        $null = New-Item -ItemType SymbolicLink "$TestDrive/linked" -Target '1.txt'
        $code = New-P2PCode
        $receive = Start-TestReceive $relay.Uri $code "$TestDrive/links"
        $null = Send-P2PFile "$tree/1.txt", "$TestDrive/linked" -Relay $relay.Uri -Code $code -WarningVariable warnings -WarningAction SilentlyContinue
        $null = Wait-TestEnd $receive
        "$warnings" | Should -Match 'linked'
    }
}
