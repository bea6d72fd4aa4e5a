BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
    $tree = Join-Path $TestDrive 'tree'
    $null = New-Item -ItemType Directory $tree
    1..5 | ForEach-Object { "file $_" | Set-Content "$tree/$_.txt" }
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Receive-P2PFile' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'gives objects that feed Get-FileHash and agree with it' {
        $send = Start-TestSend $relay.Uri $code $tree
        $received = Receive-P2PFile -Relay $relay.Uri -Code $code -Destination $out
        $null = Wait-TestEnd $send
        $received | Should -HaveCount 5
        ($received | Where-Object Status -EQ Copied | Get-FileHash).Hash | Should -Be $received.Hash
    }

    It 'takes names with code points that are no characters, which .NET does not normalise' -Skip:$IsWindows {
        $odd = (New-Item -ItemType Directory "$TestDrive/no characters").FullName
        $names = @(0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFE, 0x10FFFF | ForEach-Object { "é$([char]::ConvertFromUtf32($_))" })
        $names | ForEach-Object { [IO.File]::WriteAllText("$odd/$_", 'x') }
        $send = Start-TestSend $relay.Uri $code $odd
        $received = Receive-P2PFile -Relay $relay.Uri -Code $code -Destination $out
        $null = Wait-TestEnd $send
        $received.Status | Should -Be (@('Copied') * 5)
        { Receive-P2PFile $out -Relay $relay.Uri -Code "abcd-efgh$([char] 0xFFFE)" } | Should -Throw '*U+FFFE*'
    }

    It 'leaves what is there and equal unchanged, and obeys -OnConflict' {
        $null = New-Item -ItemType Directory "$out/tree"
        'mine' | Set-Content "$out/tree/1.txt"
        $send = Start-TestSend $relay.Uri $code $tree
        $skipped = Receive-P2PFile $out -Relay $relay.Uri -Code $code -OnConflict Skip
        $null = Wait-TestEnd $send
        ($skipped | Where-Object Name -EQ 'tree/1.txt').Status | Should -Be 'Skipped'
        Get-Content "$out/tree/1.txt" | Should -Be 'mine'

        $send = Start-TestSend $relay.Uri $code $tree
        $updated = Receive-P2PFile $out -Relay $relay.Uri -Code $code
        $null = Wait-TestEnd $send
        ($updated | Where-Object Status -EQ Copied).Name | Should -Be 'tree/1.txt'
        ($updated | Where-Object Status -EQ Unchanged) | Should -HaveCount 4
    }

    It 'writes a failed file as an object and an error, and the rest arrives' {
        $null = New-Item -ItemType Directory "$out/tree"
        'mine' | Set-Content "$out/tree/1.txt"
        $send = Start-TestSend $relay.Uri $code $tree @{ ErrorAction = 'SilentlyContinue' }
        $results = Receive-P2PFile $out -Relay $relay.Uri -Code $code -OnConflict Fail -ErrorVariable problems -ErrorAction SilentlyContinue
        $null = Wait-TestEnd $send
        ($results | Where-Object Status -EQ Failed).ErrorId | Should -Be 'DestinationExists'
        ($results | Where-Object Status -EQ Copied) | Should -HaveCount 4
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -Be 'DestinationExists,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        $problems[0].TargetObject.Name | Should -Be 'tree/1.txt'
    }

    It 'shows the offer and declines politely with -WhatIf' {
        $send = Start-TestSend $relay.Uri $code $tree
        $offer = Receive-P2PFile $out -Relay $relay.Uri -Code $code -WhatIf
        $offer.FileCount | Should -Be 5
        $offer.FreeSpace | Should -BeGreaterThan 0
        Get-ChildItem $out -ErrorAction Ignore | Should -BeNullOrEmpty
        { Wait-TestEnd $send } | Should -Throw '*declined*'
    }

    It 'gives the content as bytes with -AsByteStream and writes no file' {
        $send = Start-TestSend $relay.Uri $code "$tree/3.txt"
        $null = New-Item -ItemType Directory $out
        Push-Location $out
        try { $blocks = Receive-P2PFile -AsByteStream -Relay $relay.Uri -Code $code }
        finally { Pop-Location }
        $null = Wait-TestEnd $send
        [Text.Encoding]::UTF8.GetString([byte[]]@($blocks | ForEach-Object { $_ })) | Should -BeLike 'file 3*'
        Get-ChildItem $out -Force | Should -BeNullOrEmpty
        { Receive-P2PFile $out -AsByteStream -Relay $relay.Uri -Code $code } |
            Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.ReceiveP2PFileCommand' -ExpectedMessage '-AsByteStream writes no file*'
    }

    It 'tells the sender of a stream that it was cancelled when the pipeline stops downstream' {
        $send = Start-TestJob {
            param($relay, $code)
            Send-P2PFile -InputObject ([byte[]]::new(64MB)) -Name x -Relay $relay -Code $code
        } @($relay.Uri, $code)
        Receive-P2PFile -AsByteStream -Relay $relay.Uri -Code $code | Select-Object -First 1 | Should -HaveCount 1
        { Wait-TestEnd $send } | Should -Throw '*it was cancelled*'
    }

    It 'ends with an error when a stream did not come whole' {
        $send = Start-TestJob {
            param($relay, $code)
            & { [byte[]]::new(2MB); throw 'upstream' } | Send-P2PFile -Name x -Relay $relay -Code $code
        } @($relay.Uri, $code)
        { Receive-P2PFile -AsByteStream -Relay $relay.Uri -Code $code | Out-Null } | Should -Throw
        { Wait-TestEnd $send } | Should -Throw
    }

    It 'keeps receiving with -Continuous, in a folder per sender, and stops cleanly' {
        $strong = New-P2PCode -Words 4
        $box = Start-TestReceive $relay.Uri $strong $out @{ Continuous = $true; FolderPerSender = $true; MaxFiles = 3 }
        Send-P2PFile "$tree/1.txt" -Relay $relay.Uri -Code $strong -SenderName alpha | ForEach-Object Status | Should -Be Copied
        { Send-P2PFile $tree -Relay $relay.Uri -Code $strong -SenderName alpha -ErrorAction Stop } | Should -Throw '*MaxFiles*'
        Send-P2PFile "$tree/1.txt" -Relay $relay.Uri -Code $strong -SenderName alpha | ForEach-Object Status | Should -Be Copied
        Stop-Job $box
        (Get-ChildItem "$out/alpha").Name | Sort-Object | Should -Be '1 (1).txt', '1.txt'
        (Receive-Job $box -ErrorAction SilentlyContinue -ErrorVariable failures).FullName | Should -HaveCount 2
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'LimitExceeded*'
        Remove-Job $box -Force
    }

    It 'shows one offer with -WhatIf, so not with -Continuous' {
        { Receive-P2PFile $out -Continuous -WhatIf -Relay $relay.Uri -Code (New-P2PCode -Words 4) } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'asks for a stronger code with -Continuous' {
        { Receive-P2PFile $out -Continuous -Relay $relay.Uri -Code (New-P2PCode) } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'reads the code from a file' {
        Set-Content "$TestDrive/code" $code
        if (-not $IsWindows) {
            { Receive-P2PFile $out -Relay $relay.Uri -CodeFile "$TestDrive/code" } | Should -Throw -ErrorId 'InvalidOption*' # others can read it
            chmod 600 "$TestDrive/code"
        }
        $send = Start-TestSend $relay.Uri $code "$tree/3.txt"
        Receive-P2PFile $out -Relay $relay.Uri -CodeFile "$TestDrive/code" | ForEach-Object Status | Should -Be Copied
        $null = Wait-TestEnd $send
        { Receive-P2PFile $out -Relay $relay.Uri -CodeFile "$TestDrive/none" } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'writes a list for sha256sum' {
        $send = Start-TestSend $relay.Uri $code $tree
        $received = Receive-P2PFile $out -Relay $relay.Uri -Code $code -Sha256List "$TestDrive/list"
        $null = Wait-TestEnd $send
        (Get-Content "$TestDrive/list").Count | Should -Be 5
        $first = $received | Where-Object Name -EQ tree/1.txt
        (Get-Content "$TestDrive/list")[0] | Should -Be "$($first.Hash.ToLower())  tree/1.txt"
    }

    It 'gives its results when the list can no longer be written' {
        # The second file takes four seconds, in which the first result is there and the list is not.
        $slow = New-Item -ItemType Directory "$TestDrive/slow"
        'first' | Set-Content "$slow/a.txt"
        [IO.File]::WriteAllBytes("$slow/big.bin", [Security.Cryptography.RandomNumberGenerator]::GetBytes(4MB))
        $lists = New-Item -ItemType Directory "$TestDrive/lists"
        $send = Start-TestSend $relay.Uri $code $slow @{ BandwidthLimit = 1MB }
        $received = [Collections.Generic.List[object]]::new()
        { Receive-P2PFile $out -Relay $relay.Uri -Code $code -Sha256List "$lists/list" | ForEach-Object { if (Test-Path $lists) { Move-Item $lists "$lists.away" }; $received.Add($_) } } |
            Should -Throw -ErrorId 'Failure*'
        $null = Wait-TestEnd $send
        $received | ForEach-Object Status | Should -Contain Copied
    }

    It 'does not wait for a sender when the destination is a file' {
        Set-Content "$TestDrive/file" x
        { Receive-P2PFile "$TestDrive/file" -Relay ws://127.0.0.1:1 -Code $code } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'needs a relay and a code' {
        { Receive-P2PFile $out -Code $code } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
        & $PwshPath -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; try { Receive-P2PFile -Relay ws://127.0.0.1:1 } catch { `$_.FullyQualifiedErrorId }" |
            Should -BeLike '*InvalidOption,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
    }

    It 'refuses more than -MaxFiles' {
        $send = Start-TestSend $relay.Uri $code $tree
        { Receive-P2PFile $out -Relay $relay.Uri -Code $code -MaxFiles 2 } | Should -Throw -ErrorId 'LimitExceeded,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
        { Wait-TestEnd $send } | Should -Throw
    }
}
