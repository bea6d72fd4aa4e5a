# Three processes, as three machines would run them: nothing is shared but the relay's address and the code.
BeforeAll {
    . $PSScriptRoot/TestSession.ps1

    function Start-TestProcess {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Script, [hashtable] $Environment = @{})
        $start = [Diagnostics.ProcessStartInfo]::new($PwshPath)
        '-NoProfile', '-NonInteractive', '-Command', "`$ErrorActionPreference = 'Stop'; Import-Module '$ModulePath'; $Script" |
            ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardOutput = $true
        $start.Environment['P2PCOPY_CODE'] = $code
        foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
        [Diagnostics.Process]::Start($start)
    }

    function Wait-TestProcess {
        param([Diagnostics.Process] $Process)
        $text = $Process.StandardOutput.ReadToEnd()
        if (-not $Process.WaitForExit(120000)) { $Process.Kill(); throw 'It did not end.' }
        $Process.ExitCode | Should -Be 0 -Because $text
        $text.Trim() -split '\r?\n'
    }

    $tree = Join-Path $TestDrive 'tree'
    $null = New-Item -ItemType Directory "$tree/sub [1]/empty" -Force
    1..20 | ForEach-Object { "file $_" | Set-Content -LiteralPath "$tree/sub [1]/$_.txt" }
    'brackets' | Set-Content -LiteralPath "$tree/br[1].txt"
    'green' | Set-Content -LiteralPath "$tree/gr$([char] 0xFC)n.txt"
    $null = New-Item "$tree/empty.txt"
    Get-ChildItem $tree -Recurse -File | Select-Object FullName, Length | Export-Csv "$TestDrive/rows.csv"
    $expected = Get-ChildItem $tree -Recurse -File | Get-FileHash | ForEach-Object Hash | Sort-Object

    $code = New-P2PCode
    $relayProcess = Start-TestProcess 'Start-P2PRelay -Listen 127.0.0.1:0 -DrainTimeoutSeconds 0 | ForEach-Object { $_.Uri[0].AbsoluteUri }'
    $relay = $relayProcess.StandardOutput.ReadLine()
}

AfterAll {
    if ($IsWindows) { $relayProcess.Kill() } else { kill -TERM $relayProcess.Id }
    $relayProcess.WaitForExit(20000) | Should -BeTrue
}

Describe 'Three processes' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'agree in every hash: <Name>' -TestCases @(
        @{ Name = 'Get-ChildItem -Recurse'; Source = 'Get-ChildItem -Recurse -LiteralPath ''{0}''' }
        @{ Name = 'Get-ChildItem'; Source = 'Get-ChildItem -LiteralPath ''{0}''' }
        @{ Name = 'Get-Item'; Source = 'Get-Item -LiteralPath ''{0}''' }
        @{ Name = 'strings'; Source = '''{0}/*.txt'', ''{0}/sub*''' }
        @{ Name = 'rows of Import-Csv'; Source = 'Import-Csv ''{0}/../rows.csv''' }
        @{ Name = '[IO.FileInfo]'; Source = '[IO.DirectoryInfo]::new(''{0}'').GetFiles(''*'', ''AllDirectories'')' }
    ) {
        $send = Start-TestProcess "$($Source -f $tree) | Send-P2PFile -Relay '$relay' -Code $code | ForEach-Object { `$_.Hash }"
        $receive = Start-TestProcess "Receive-P2PFile -Relay '$relay' -Code $code -Destination '$out' | Where-Object Status -eq Copied | Get-FileHash | ForEach-Object Hash"
        $received = Wait-TestProcess $receive
        $sent = Wait-TestProcess $send
        $received | Sort-Object | Should -Be $expected
        $sent | Sort-Object | Should -Be $expected
        (Get-ChildItem $out -Recurse -File | Get-FileHash).Hash | Sort-Object | Should -Be $expected
    }

    It 'need no relay but the sender''s own, and no code but the one it was given' {
        $send = Start-TestProcess "`$InformationPreference = 'Continue'; Get-Item -LiteralPath '$tree' | Send-P2PFile -Listen 127.0.0.1:0 -Code $code | Out-Null"
        do { $line = $send.StandardOutput.ReadLine() } until ($null -eq $line -or $line -match '-Relay (ws://\S+)')
        $line | Should -Not -BeLike "*$code*"
        $receive = Start-TestProcess "Receive-P2PFile -Relay $($Matches[1]) -Code $code -Destination '$out' | Where-Object Status -eq Copied | Get-FileHash | ForEach-Object Hash"
        Wait-TestProcess $receive | Sort-Object | Should -Be $expected
        $null = Wait-TestProcess $send
    }
    # A process that has just started compiles PowerShell's own code; what the module adds is compiled ahead of time. Without the
    # code of the framework for the engine's async methods there are 600 and more. The runtime's log of compiled methods sometimes ends
    # the process with a signal at its very end, while another thread still compiles, so the exit status is not looked at.
    It 'compile little of the engine at run time' -Skip:(-not (Test-Path "$PSScriptRoot/../../artifacts/module/P2PCopy/*/dependencies/*/P2PCopy.Core.dll")) {
        $traces = 'send', 'receive' | ForEach-Object { @{ DOTNET_JitStdOutFile = "$TestDrive/$_.jit"; DOTNET_JitDisasmSummary = '1'; DOTNET_TC_CallCounting = '0' } }
        $send = Start-TestProcess "`$null = Send-P2PFile -LiteralPath '$tree/empty.txt' -Relay '$relay' -Code $code" $traces[0]
        $receive = Start-TestProcess "`$null = Receive-P2PFile -Relay '$relay' -Code $code -Destination '$out'" $traces[1]
        $send, $receive | ForEach-Object { $_.WaitForExit(120000) | Should -BeTrue }
        Test-Path "$out/empty.txt" | Should -BeTrue
        foreach ($trace in $traces) {
            $compiled = @(Get-Content $trace.DOTNET_JitStdOutFile | Where-Object { $_ -match ' P2PCopy\.(?!Cmdlets)| System\.[^(]*[\[,]P2PCopy\.(?!Cmdlets)' })
            $compiled.Count | Should -BeGreaterThan 0
            $compiled.Count | Should -BeLessThan 150 -Because ($compiled | Out-String)
        }
    }
}
