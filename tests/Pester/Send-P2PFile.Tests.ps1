BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
    $tree = Join-Path $TestDrive 'tree'
    $null = New-Item -ItemType Directory "$tree/sub/empty" -Force
    'one' | Set-Content "$tree/one.txt"
    'two' | Set-Content "$tree/sub/two.txt"
    $null = New-Item "$tree/sub/nothing.txt"
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Send-P2PFile' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'sends a folder and gives one object a file' {
        $receive = Start-TestReceive $relay.Uri $code $out
        $sent = Send-P2PFile $tree -Relay $relay.Uri -Code $code
        $received = Wait-TestEnd $receive
        $sent.Name | Sort-Object | Should -Be @('tree/one.txt', 'tree/sub/nothing.txt', 'tree/sub/two.txt')
        $sent.Status | Select-Object -Unique | Should -Be 'Copied'
        $sent[0].FullName | Should -Be (Get-Item "$tree/one.txt").FullName
        $sent[0].Algorithm | Should -Be 'SHA256'
        ($sent | Where-Object Name -EQ 'tree/one.txt').Hash | Should -Be (Get-FileHash "$tree/one.txt").Hash
        ($received | Sort-Object Name).Hash | Should -Be ($sent | Sort-Object Name).Hash
        Get-Content "$out/tree/sub/two.txt" | Should -Be 'two'
        Test-Path "$out/tree/sub/empty" -PathType Container | Should -BeTrue
    }

    It 'shows the code and the command in the information stream without -Relay and -Code' {
        $send = Start-TestJob { param($path) Send-P2PFile -LiteralPath $path -Listen 127.0.0.1:0 } @($tree)
        $deadline = [DateTime]::UtcNow.AddSeconds(20)
        while ("$($send.Information)" -notmatch 'The code is:  \S+' -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
        $text = @($send.Information | ForEach-Object { "$_" })
        $shown = $text | Where-Object { $_ -match '^\w{6}(-\w+){3}$' }
        $shown | Should -HaveCount 1
        $command = @($text -match 'Receive-P2PFile')
        $command | Should -HaveCount 1
        $command | Should -Match "^    Receive-P2PFile -Relay ws://127\.0\.0\.1:\d+ -Code $shown`$"
        Invoke-Expression "$command -Destination '$out'" | Should -HaveCount 3
        Wait-TestEnd $send | Should -HaveCount 3
    }

    It 'lists files and total with -WhatIf and does not connect' {
        $offer = Send-P2PFile $tree -Relay ws://127.0.0.1:1 -Code $code -WhatIf
        $offer.FileCount | Should -Be 3
        $offer.Length | Should -Be ((Get-ChildItem $tree -Recurse -File | Measure-Object Length -Sum).Sum)
        $offer.Entries.Name | Should -Contain 'tree/sub/two.txt'
    }

    It 'sends text, bytes and streams of the pipeline as one file' {
        $receive = Start-TestReceive $relay.Uri $code $out
        'a', 'b' | Send-P2PFile -Name text.txt -Relay $relay.Uri -Code $code | ForEach-Object Name | Should -Be 'text.txt'
        $null = Wait-TestEnd $receive
        [IO.File]::ReadAllText("$out/text.txt") | Should -Be "a`nb`n"

        $bytes = [byte[]]::new(3MB)
        [Random]::new(1).NextBytes($bytes)
        $receive = Start-TestReceive $relay.Uri $code $out
        $sent = Send-P2PFile -InputObject $bytes -Name bytes.bin -Relay $relay.Uri -Code $code
        $null = Wait-TestEnd $receive
        (Get-FileHash "$out/bytes.bin").Hash | Should -Be $sent.Hash

        $receive = Start-TestReceive $relay.Uri $code $out
        Send-P2PFile -InputObject ([IO.MemoryStream]::new($bytes)) -Name stream.bin -Relay $relay.Uri -Code $code | Should -HaveCount 1
        $null = Wait-TestEnd $receive
        (Get-FileHash "$out/stream.bin").Hash | Should -Be $sent.Hash
    }

    It 'sends the bytes of a file whatever the pipeline packs them in' {
        $file = Join-Path $TestDrive 'packed.bin'
        $bytes = [byte[]]::new(300KB)
        [Random]::new(3).NextBytes($bytes)
        [IO.File]::WriteAllBytes($file, $bytes)
        $hash = (Get-FileHash $file).Hash
        foreach ($send in {
                Get-Content -AsByteStream -ReadCount 65536 $file | Send-P2PFile -Name x -Relay $relay.Uri -Code $code
            }, {
                , [Collections.Generic.List[byte]] $bytes | Send-P2PFile -Name x -Relay $relay.Uri -Code $code
            }, {
                Send-P2PFile -InputObject ([ReadOnlyMemory[byte]] $bytes) -Name x -Relay $relay.Uri -Code $code
            }, {
                Get-Item $file | Send-P2PFile -Name x -Relay $relay.Uri -Code $code
            }) {
            $receive = Start-TestReceive $relay.Uri $code "$out/$([guid]::NewGuid())"
            (& $send).Hash | Should -Be $hash -Because $send
            $null = Wait-TestEnd $receive
        }
    }

    It 'sends a line of text of any length' {
        $receive = Start-TestReceive $relay.Uri $code $out
        'x' * 200KB | Send-P2PFile -Name long.txt -Relay $relay.Uri -Code $code | ForEach-Object Length | Should -Be (200KB + 1)
        $null = Wait-TestEnd $receive
    }

    It 'takes bytes one by one, as a pipeline gives them, and an empty pipeline as an empty file' {
        $bytes = [byte[]]::new(300KB)
        [Random]::new(2).NextBytes($bytes)
        $receive = Start-TestReceive $relay.Uri $code $out
        $sent = $bytes | Send-P2PFile -Name single.bin -Relay $relay.Uri -Code $code
        $null = Wait-TestEnd $receive
        [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)) | Should -Be $sent.Hash
        (Get-FileHash "$out/single.bin").Hash | Should -Be $sent.Hash

        $receive = Start-TestReceive $relay.Uri $code $out
        @() | Send-P2PFile -Name empty.bin -Relay $relay.Uri -Code $code | ForEach-Object Length | Should -Be 0
        $null = Wait-TestEnd $receive
        (Get-Item "$out/empty.bin").Length | Should -Be 0
    }

    It 'never sends a pipeline that failed upstream as a whole' {
        # It may be over before the two meet, or after: neither is a file.
        $receive = Start-TestReceive $relay.Uri $code $out @{ WaitTimeoutSeconds = 3 }
        { & { 'half'; throw 'upstream' } | Send-P2PFile -Name half.txt -Relay $relay.Uri -Code $code } | Should -Throw 'upstream'
        { Wait-TestEnd $receive } | Should -Throw
        Test-Path "$out/half.txt" | Should -BeFalse
    }

    It 'takes a code as SecureString and from the environment' {
        $receive = Start-TestReceive $relay.Uri $code $out
        $secure = ConvertTo-SecureString $code -AsPlainText -Force
        Send-P2PFile $tree -Relay $relay.Uri -Code $secure | Should -HaveCount 3
        $null = Wait-TestEnd $receive

        $env:P2PCOPY_CODE = $code
        $env:P2PCOPY_RELAY = $relay.Uri
        try {
            $receive = Start-TestJob { param($out) Receive-P2PFile $out } @($out)
            (Send-P2PFile $tree).Status | Select-Object -Unique | Should -Be 'Unchanged'
            $null = Wait-TestEnd $receive
        }
        finally {
            Remove-Item Env:P2PCOPY_CODE, Env:P2PCOPY_RELAY
        }
    }

    It 'names errors by their ids' {
        { Send-P2PFile $tree -Relay ws://127.0.0.1:1 -Code $code -RetryTimeoutSeconds 0 } |
            Should -Throw -ErrorId 'RelayConnectFailed,P2PCopy.Cmdlets.SendP2PFileCommand'
        { Send-P2PFile $tree -Relay $relay.Uri -Code 'short' } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.SendP2PFileCommand'
        { Send-P2PFile $tree -Relay http://relay -Code $code } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.SendP2PFileCommand'
        { Send-P2PFile $tree -Relay $relay.Uri -Listen 127.0.0.1:0 -Code $code } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.SendP2PFileCommand'
        { Send-P2PFile $tree -Relay $relay.Uri -Code $code -WaitTimeoutSeconds 1 } |
            Should -Throw -ErrorId 'PeerDidNotCome,P2PCopy.Cmdlets.SendP2PFileCommand'
    }

    It 'says so when patterns leave out everything, with -WhatIf too' {
        foreach ($more in @{ Relay = $relay.Uri; Code = $code }, @{ WhatIf = $true }) {
            { Send-P2PFile $tree -Include *.lgo -Exclude tree/sub @more } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.SendP2PFileCommand' `
                -ExpectedMessage 'Nothing can be sent: -Include "*.lgo" and -Exclude "tree/sub" left out every file, such as "tree/*'
        }
    }

    It 'says wrong code on both sides and writes nothing' {
        $route = $code.Split('-')[0]
        $receive = Start-TestReceive $relay.Uri "$route-another-secret" $out
        { Send-P2PFile $tree -Relay $relay.Uri -Code $code } | Should -Throw -ErrorId 'PairingFailed,P2PCopy.Cmdlets.SendP2PFileCommand'
        { Wait-TestEnd $receive } | Should -Throw
        Get-ChildItem $out -ErrorAction Ignore | Should -BeNullOrEmpty
    }
}
