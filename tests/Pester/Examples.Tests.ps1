# Runs the examples of the help, and the lines of the pages that name this file, as they are printed. A relay of the test replaces
# wss://relay.example and 192.0.2.7, and a code of the test the printed one; the other side of each transfer runs at the same time.
BeforeDiscovery {
    . $PSScriptRoot/TestSession.ps1
    # The cmdlets for services need root or an administrator: Services.Tests.ps1 runs them.
    $examples = foreach ($command in Get-Command -Module P2PCopy | Where-Object Noun -NotMatch 'Service$' | Where-Object Name -NotIn 'Get-P2PRelay', 'Stop-P2PRelay') {
        $number = 0
        foreach ($code in (Get-Help $command.Name).Examples.Example.Code) { $number++; @{ Source = "$($command.Name) $number"; Code = $code } }
    }
    $root = Resolve-Path "$PSScriptRoot/../.."
    $lines = foreach ($page in Get-ChildItem "$root/README.md", "$root/docs/*.md") {
        $text = Get-Content $page -Raw
        foreach ($block in [regex]::Matches($text, '(?ms)^<!-- run by: tests/Pester/Examples\.Tests\.ps1 -->\n```powershell\n(.*?)^```')) {
            $block.Groups[1].Value -split '\n' | Where-Object { $_ } | ForEach-Object { @{ Source = $page.Name; Code = $_ -replace '\s+#.*' } }
        }
    }
    $cases = @($examples) + @($lines)
}

BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    # A job of an example finds the module as an installed one.
    $pathBefore = $env:PSModulePath
    $env:PSModulePath = "$(Split-Path (Split-Path (Split-Path $ModulePath)))$([IO.Path]::PathSeparator)$pathBefore"
    $relay = Start-TestRelay
    $address = "$($relay.Uri)".TrimEnd('/')

    # A folder with all that the examples name.
    function New-ExampleFolder {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param()
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $null = New-Item -ItemType Directory "$folder/results", "$folder/logs"
        'alpha' | Set-Content "$folder/results/a.txt"
        'line' | Set-Content "$folder/logs/app.log"
        [IO.File]::WriteAllBytes("$folder/big.bin", [byte[]] (1..200 * 1000))
        [IO.File]::WriteAllBytes("$folder/disk.img", [byte[]] (1..100 * 1000))
        $key = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $key, 'SHA256')
        $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1)).ExportCertificatePem() | Set-Content "$folder/fullchain.pem"
        $key.ExportPkcs8PrivateKeyPem() | Set-Content "$folder/privkey.pem"
        if (-not $IsWindows) { chmod 600 "$folder/privkey.pem" }
        $folder
    }

    # The example in a job of its own, with the variables that it names.
    function Start-Example {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Text, [string] $Folder, [string] $Code)
        $defaults = @{ 'Send-P2PFile:Code' = $Code; 'Receive-P2PFile:Code' = $Code; 'Receive-P2PFile:Relay' = $address }
        # Without a relay in the text the sender runs its own, except in a page that has set P2PCOPY_RELAY.
        $own = $Text -match 'Send-P2PFile \./results' -and $Text -notmatch '-Relay'
        if ($own) { $defaults['Send-P2PFile:Listen'] = '127.0.0.1:0' } else { $defaults['Send-P2PFile:Relay'] = $address }
        Start-TestJob {
            param($folder, $text, $code, $relay, $defaults)
            Set-Location $folder
            $PSDefaultParameterValues = $defaults
            $token = 'none-is-needed'
            $null = $code, $relay, $token
            & ([scriptblock]::Create($text))
        } @($Folder, $Text, $Code, $address, $defaults)
    }
}

AfterAll {
    $env:PSModulePath = $pathBefore
    Stop-TestRelay $relay
}

Describe 'As printed' {
    It '<Source>: <Code>' -ForEach $cases {
        if ($IsWindows -and $Code -match '\btar\b') { Set-ItResult -Skipped -Because 'tar is not part of every Windows'; return }
        $secret = New-P2PCode
        $folder = New-ExampleFolder
        $text = $Code -replace 'wss://((eu|us)\.)?relay\.example|ws://192\.0\.2\.7:41234', $address -replace '\*:443', '127.0.0.1:0' -replace '7k3m9q-amber-velvet-canoe', $secret
        $previews = $text -match '-WhatIf'
        $sends = [regex]::Matches($text, 'Send-P2PFile').Count -gt 0 -and -not $previews
        $receives = $text -match 'Receive-P2PFile'
        $other = if ($receives) {
            if ($text -match 'tar x') { tar -C $folder -cf "$folder/all.tar" results }
            $path = if ($text -match 'tar x') { "$folder/all.tar" } elseif ($text -match '-AsByteStream') { "$folder/big.bin" } else { (New-Item -Force "$folder-source/from-there.txt" -Value 'content').FullName }
            Start-TestSend $relay.Uri $secret $path @{ ErrorAction = 'SilentlyContinue' }
        }
        $job = Start-Example $text $folder $secret
        try {
            if ($sends) {
                $at = $relay.Uri
                if ($text -notmatch '-Relay' -and $text -match 'Send-P2PFile \./results') {
                    $deadline = [DateTime]::UtcNow.AddSeconds(30)
                    while (-not ("$($job.Information)" -match '-Relay (ws://[\d.:]+)')) {
                        if ($job.State -notin 'NotStarted', 'Running' -or [DateTime]::UtcNow -gt $deadline) { Receive-Job $job -ErrorAction Stop; throw 'It shows no address.' }
                        Start-Sleep -Milliseconds 20
                    }
                    $at = $Matches[1]
                }
                $other = Start-TestReceive $at $secret "$folder/in"
            }
            if ($text -match '^Start-P2PRelay' -and $text -notmatch '\|') {
                $deadline = [DateTime]::UtcNow.AddSeconds(30)
                while (-not ($info = Receive-Job $job -ErrorAction Stop) -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
                $info.Uri[0].Scheme | Should -Be 'wss'
                Stop-Job $job
                return
            }

            $null = Wait-Job $job -Timeout 60
            $job.State | Should -Be 'Completed'
            $output = Receive-Job $job -ErrorAction Stop
            if ($sends) { @(Wait-TestEnd $other).Status | Should -Be (@(Get-ChildItem "$folder/in" -Recurse -File).ForEach{ 'Copied' }); $other = $null }
            if ($receives -and -not $previews) { @(Wait-TestEnd $other).Status | Should -Be 'Copied'; $other = $null }
            if ($text -notmatch '^\$(code|result) =|^if|tar x|out\.bin') { $output | Should -Not -BeNullOrEmpty }
            if ($text -match 'tar x') { Get-Content "$folder/results/a.txt" | Should -Be 'alpha' }
            if ($text -match 'out\.bin') { (Get-FileHash "$folder/out.bin").Hash | Should -Be (Get-FileHash "$folder/big.bin").Hash }
        }
        finally {
            foreach ($one in $job, $other | Where-Object { $_ }) { Stop-Job $one; Remove-Job $one -Force }
        }
    }
}

Describe 'The example that waits for a relay' {
    It 'ends with the error of the relay if its port is taken' {
        $example = (Get-Help Start-P2PRelay).Examples.Example.Code | Where-Object { $_ -match 'Start-ThreadJob' }
        $job = Start-Example ($example -replace '127\.0\.0\.1:0', $relay.Uri.Authority) (New-ExampleFolder) (New-P2PCode)
        try {
            $null = Wait-Job $job -Timeout 60
            $job.State | Should -Be 'Failed'
            { Receive-Job $job -ErrorAction Stop } | Should -Throw '*in use*'
        }
        finally {
            Stop-Job $job
            Remove-Job $job -Force
        }
    }
}
