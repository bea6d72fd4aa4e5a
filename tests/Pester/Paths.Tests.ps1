BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $folder = Join-Path $TestDrive 'paths'
    $null = New-Item -ItemType Directory $folder
    'br[1].txt', 'br1.txt', 'plain.txt' | ForEach-Object { $_ | Set-Content -LiteralPath "$folder/$_" }
}

Describe 'Paths of Send-P2PFile' {
    It 'expands wildcards in -Path' {
        (Send-P2PFile "$folder/b*.txt" -WhatIf).Entries.Name | Sort-Object Length | Should -Be @('br1.txt', 'br[1].txt')
        (Send-P2PFile "$folder/br[1].txt" -WhatIf).Entries.Name | Should -Be 'br1.txt'
        ("$folder/*" | Send-P2PFile -WhatIf).FileCount | Should -Be 3
    }

    It 'takes escaped and literal names as they are' {
        (Send-P2PFile "$folder/br``[1``].txt" -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        (Send-P2PFile -LiteralPath "$folder/br[1].txt" -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        (Send-P2PFile -LP "$folder/br[1].txt" -WhatIf).Entries.Name | Should -Be 'br[1].txt'
    }

    It 'takes a file object as argument literally' {
        (Send-P2PFile (Get-Item -LiteralPath "$folder/br[1].txt") -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        (Send-P2PFile ([IO.FileInfo] "$folder/br[1].txt") -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        (Send-P2PFile (Get-ChildItem $folder) -WhatIf).FileCount | Should -Be 3
    }

    It 'shows a name that would drive the terminal without what drives it' -Skip:$IsWindows {
        $name = "a`e7$([char] 0x202e)b"
        $null = New-Item -ItemType File "$TestDrive/$name"
        $offer = Send-P2PFile -LiteralPath "$TestDrive/$name" -WhatIf
        $offer.Entries.Name | Should -Be $name
        $offer | Out-String | Should -Match 'a\\x1b7\\u202eb'
    }

    It 'takes files of the pipeline in every form' {
        (Get-ChildItem $folder | Send-P2PFile -WhatIf).FileCount | Should -Be 3
        (Get-Item -LiteralPath "$folder/br[1].txt" | Send-P2PFile -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        ([IO.FileInfo] "$folder/br[1].txt" | Send-P2PFile -WhatIf).Entries.Name | Should -Be 'br[1].txt'
        ([IO.DirectoryInfo] $folder | Send-P2PFile -WhatIf).FileCount | Should -Be 3
        (Get-ChildItem $folder | Select-Object FullName | Send-P2PFile -WhatIf).FileCount | Should -Be 3
        Get-ChildItem $folder | Select-Object FullName, Length | Export-Csv "$TestDrive/rows.csv"
        (Import-Csv "$TestDrive/rows.csv" | Send-P2PFile -WhatIf).FileCount | Should -Be 3
    }

    It 'takes the paths of other commands by their property Path' {
        (Get-FileHash "$folder/*1.txt", "$folder/plain.txt" | Send-P2PFile -WhatIf).FileCount | Should -Be 2
        (Select-String -Path "$folder/plain.txt" plain | Send-P2PFile -WhatIf).Entries.Name | Should -Be 'plain.txt'
        Get-ChildItem $folder -Filter plain.txt | Select-Object @{ n = 'Path'; e = { $_.FullName } } | Export-Csv "$TestDrive/path.csv"
        (Import-Csv "$TestDrive/path.csv" | Send-P2PFile -WhatIf).Entries.Name | Should -Be 'plain.txt'
    }

    It 'takes a list of file objects literally' {
        $list = [Collections.Generic.List[IO.FileInfo]] @(Get-Item -LiteralPath "$folder/br[1].txt")
        (Send-P2PFile $list -WhatIf).Entries.Name | Should -Be 'br[1].txt'
    }

    It 'names the type of an object that is no file, and -Name' {
        Send-P2PFile (Get-Date) -WhatIf -ErrorAction SilentlyContinue -ErrorVariable problems
        "$problems" | Should -BeLike '*System.DateTime*-Name*'
    }

    It 'sends an item inside another one once' {
        (Get-ChildItem $TestDrive -Recurse -Include paths, *.txt | Send-P2PFile -WhatIf).FileCount | Should -Be 3
    }

    It 'takes a name as it is outside Windows: a backslash, two colons, dots above' -Skip:$IsWindows {
        $odd = (New-Item -ItemType Directory "$TestDrive/odd").FullName
        'a\b', 'x::y', '10:00.log' | ForEach-Object { [IO.File]::WriteAllText("$odd/$_", 'x') }
        ([IO.DirectoryInfo]::new($odd).GetFiles() | Send-P2PFile -WhatIf).FileCount | Should -Be 3
        (Send-P2PFile -LiteralPath "$odd/../odd/x::y" -WhatIf).Entries.Name | Should -Be 'x::y'
    }

    It 'follows $PWD, not the directory of the process' {
        Push-Location $folder
        try { (Send-P2PFile plain.txt -WhatIf).Entries.Name | Should -Be 'plain.txt' } finally { Pop-Location }
    }

    It 'gives a missing path its own error and goes on' {
        $offer = "$folder/nope.txt", "$folder/plain.txt", "$folder/nope*.txt" | Send-P2PFile -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue
        $offer.Entries.Name | Should -Be 'plain.txt'
        $problems.FullyQualifiedErrorId | Should -Be @('PathNotFound,P2PCopy.Cmdlets.SendP2PFileCommand', 'PathNotFound,P2PCopy.Cmdlets.SendP2PFileCommand')
        $problems[0].TargetObject | Should -Be "$folder/nope.txt"
    }

    It 'gives a path of another provider its own error' {
        Send-P2PFile Env:PATH -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems.FullyQualifiedErrorId | Should -Be 'PathNotFileSystem,P2PCopy.Cmdlets.SendP2PFileCommand'
    }

    It 'refuses two items with one destination name before it connects' {
        $null = New-Item -ItemType Directory "$TestDrive/other"
        'x' | Set-Content "$TestDrive/other/plain.txt"
        { Send-P2PFile "$folder/plain.txt", "$TestDrive/other/plain.txt" -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe } |
            Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.SendP2PFileCommand'
        (Send-P2PFile "$folder/plain.txt", "$TestDrive/other/plain.txt" -BasePath $TestDrive -WhatIf).Entries.Name |
            Should -Be @('paths/plain.txt', 'other/plain.txt')
    }
}
