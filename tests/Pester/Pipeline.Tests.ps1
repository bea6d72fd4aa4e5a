BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
    $tree = Join-Path $TestDrive 'tree'
    $null = New-Item -ItemType Directory $tree
    1..20 | ForEach-Object { "file $_" | Set-Content "$tree/$_.txt" }
    'x' | Set-Content -LiteralPath "$tree/br[1].txt"
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'A result' {
    BeforeAll {
        $slow = (New-Item -ItemType Directory "$TestDrive/slow").FullName
        'first' | Set-Content "$slow/a.txt"
        $bytes = [byte[]]::new(6MB)
        [Random]::new(3).NextBytes($bytes)
        [IO.File]::WriteAllBytes("$slow/b.bin", $bytes)
    }

    It 'comes when its file is confirmed and not at the end, on both sides' {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
        $send = Start-TestJob {
            param($relay, $code, $path)
            Send-P2PFile -LiteralPath $path -Relay $relay -Code $code -BandwidthLimit 4MB | ForEach-Object { [DateTime]::UtcNow }
        } @($relay.Uri, $code, $slow)
        $received = Receive-P2PFile $out -Relay $relay.Uri -Code $code | ForEach-Object { [DateTime]::UtcNow }
        $sent = Wait-TestEnd $send
        ($received[1] - $received[0]).TotalMilliseconds | Should -BeGreaterThan 500
        ($sent[1] - $sent[0]).TotalMilliseconds | Should -BeGreaterThan 500
    }

    It 'that is an archive expands' {
        Compress-Archive "$tree/1.txt", "$tree/2.txt" "$TestDrive/two.zip"
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
        $send = Start-TestSend $relay.Uri $code "$TestDrive/two.zip"
        Receive-P2PFile $out -Relay $relay.Uri -Code $code | Expand-Archive -DestinationPath "$out/expanded"
        $null = Wait-TestEnd $send
        Get-ChildItem "$out/expanded" | Should -HaveCount 2
    }
}

Describe 'Results in the pipeline' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
        $send = Start-TestSend $relay.Uri $code $tree @{ ErrorAction = 'SilentlyContinue' }
    }

    AfterEach {
        $null = Wait-Job $send -Timeout 30
        Remove-Job $send -Force
    }

    It 'feed Copy-Item, Get-Item, Get-FileHash and Export-Csv, brackets included' {
        $results = Receive-P2PFile $out -Relay $relay.Uri -Code $code
        $null = New-Item -ItemType Directory "$out/flat"
        $results | Copy-Item -Destination "$out/flat"
        Get-ChildItem "$out/flat" | Should -HaveCount 21
        $results | Get-Item | Should -HaveCount 21
        $results | Get-FileHash | Should -HaveCount 21
        $results | Export-Csv "$out/results.csv"
        (Import-Csv "$out/results.csv")[0].Status | Should -Be 'Copied'
    }

    It 'have FullName and PSPath and no Path' {
        $result = Receive-P2PFile $out -Relay $relay.Uri -Code $code | Select-Object -Last 1
        $result.PSObject.Properties.Name | Should -Not -Contain 'Path'
        $result.PSPath | Should -Be "Microsoft.PowerShell.Core\FileSystem::$($result.FullName)"
    }

    It 'survive a job' {
        $job = Start-Job { param($m, $r, $c, $o) Import-Module $m; Receive-P2PFile $o -Relay $r -Code $c } -ArgumentList $ModulePath, $relay.Uri, $code, $out
        $results = $job | Receive-Job -Wait -AutoRemoveJob
        $results | Should -HaveCount 21
        $results | Get-FileHash | Should -HaveCount 21
        ($results[0] | Out-String -Width 80) | Should -Match 'Copied'
    }

    It 'can be sent again' {
        $results = Receive-P2PFile $out -Relay $relay.Uri -Code $code
        ($results | Where-Object Name -Like '*1.txt' | Send-P2PFile -BasePath $out -WhatIf).FileCount | Should -Be 2
    }

    It 'of what failed can be sent again' {
        $null = New-Item -ItemType Directory "$out/tree"
        'in the way' | Set-Content "$out/tree/1.txt"
        $null = Receive-P2PFile $out -Relay $relay.Uri -Code $code -OnConflict Fail -ErrorAction SilentlyContinue
        $null = Wait-Job $send -Timeout 30
        $sent = Receive-Job $send -ErrorAction SilentlyContinue
        ($sent | Where-Object Status -EQ Failed).Name | Should -Be 'tree/1.txt'
        $again = New-P2PCode
        $receive = Start-TestReceive $relay.Uri $again $out
        ($sent | Where-Object Status -EQ Failed | Send-P2PFile -BasePath $TestDrive -Relay $relay.Uri -Code $again).Status | Should -Be 'Copied'
        $null = Wait-TestEnd $receive
        Get-Content "$out/tree/1.txt" | Should -Be 'file 1'
    }

    It 'read well in 80 columns' {
        $text = Receive-P2PFile $out -Relay $relay.Uri -Code $code | Out-String -Width 80
        $text -split "`n" | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        $text | Should -Match 'Status\s+Size\s+SHA256\s+Name'
        $text | Should -Match 'Copied\s+\d+ B'
    }
}
