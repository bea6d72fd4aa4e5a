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

    It 'read well in 80 columns' {
        $text = Receive-P2PFile $out -Relay $relay.Uri -Code $code | Out-String -Width 80
        $text -split "`n" | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        $text | Should -Match 'Status\s+Size\s+SHA256\s+Name'
        $text | Should -Match 'Copied\s+\d+ B'
    }
}
