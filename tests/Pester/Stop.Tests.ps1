BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $relay = Start-TestRelay
    $big = Join-Path $TestDrive 'big.bin'
    $bytes = [byte[]]::new(8MB)
    [Random]::new(7).NextBytes($bytes)
    [IO.File]::WriteAllBytes($big, $bytes)
    $small = Join-Path $TestDrive 'small'
    $null = New-Item -ItemType Directory $small
    1..50 | ForEach-Object { "$_" | Set-Content "$small/$_.txt" }

    # The time that stopping takes; the rest of the session must still work afterwards.
    function Measure-Stop {
        param([System.Management.Automation.PowerShell] $Shell)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $Shell.Stop()
        $watch.ElapsedMilliseconds
    }

    function Start-Shell {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Script)
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$ModulePath'; $Script")
        $null = $shell.BeginInvoke()
        $shell
    }

    function Wait-Until {
        param([scriptblock] $Condition)
        $deadline = [DateTime]::UtcNow.AddSeconds(20)
        while (-not (& $Condition)) {
            if ([DateTime]::UtcNow -gt $deadline) { throw "It did not come to: $Condition" }
            Start-Sleep -Milliseconds 10
        }
    }
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Stopping' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'ends a side that waits within 500 ms' {
        $shell = Start-Shell "Receive-P2PFile '$out' -Relay $($relay.Uri) -Code $code -Verbose"
        Wait-Until { $shell.Streams.Verbose -match 'waiting' }
        Measure-Stop $shell | Should -BeLessThan 500
        $shell.Dispose()
    }

    It 'ends a running transfer within 500 ms, tells the other side, and leaves a partial to the next run' {
        $shell = Start-Shell "Send-P2PFile '$big' -Relay $($relay.Uri) -Code $code -BandwidthLimit 1MB"
        $receive = Start-TestReceive $relay.Uri $code $out
        Wait-Until { Get-ChildItem $out -Force -Filter *.p2ppart -ErrorAction Ignore | Where-Object Length -GT 1MB }
        Measure-Stop $shell | Should -BeLessThan 500
        $shell.Dispose()
        { Wait-TestEnd $receive } | Should -Throw '*cancelled*'
        Test-Path "$out/big.bin" | Should -BeFalse
        Get-ChildItem $out -Force -Filter *.p2ppart | Should -HaveCount 1

        # What stayed is not sent again: random bytes do not shrink, so the wire shows what travelled.
        $kept = (Get-ChildItem $out -Force -Filter *.p2ppart).Length
        $receive = Start-TestReceive $relay.Uri $code $out
        $said = Send-P2PFile $big -Relay $relay.Uri -Code $code -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        $wire = [double] [regex]::Match("$said", '([\d.]+) MiB on the wire').Groups[1].Value * 1MB
        $wire | Should -BeGreaterThan 0
        $wire | Should -BeLessThan (8MB - $kept + 1MB)
        $null = Wait-TestEnd $receive
        (Get-FileHash "$out/big.bin").Hash | Should -Be (Get-FileHash $big).Hash
        Get-ChildItem $out -Force -Filter *.p2ppart | Should -BeNullOrEmpty
    }

    It 'ends with Select-Object -First and with an exception downstream' {
        $send = Start-TestSend $relay.Uri $code $small @{ ErrorAction = 'SilentlyContinue' }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Receive-P2PFile $out -Relay $relay.Uri -Code $code | Select-Object -First 1 | Should -HaveCount 1
        $watch.ElapsedMilliseconds | Should -BeLessThan 10000
        $null = Wait-Job $send -Timeout 30
        Remove-Job $send -Force

        $send = Start-TestSend $relay.Uri $code $small @{ ErrorAction = 'SilentlyContinue' }
        { Receive-P2PFile "$out-2" -Relay $relay.Uri -Code $code | ForEach-Object { throw 'enough' } } | Should -Throw 'enough'
        $null = Wait-Job $send -Timeout 30
        Remove-Job $send -Force
    }

    It 'ends with Stop-Job' {
        $receive = Start-TestReceive $relay.Uri $code $out
        Wait-Until { $receive.State -eq 'Running' }
        Start-Sleep -Milliseconds 300
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Stop-Job $receive
        $watch.ElapsedMilliseconds | Should -BeLessThan 1000
        Remove-Job $receive -Force
    }

    It 'ends the process on SIGTERM after the other side was told' -Skip:$IsWindows {
        $script = "Import-Module '$ModulePath'; Send-P2PFile '$big' -Relay $($relay.Uri) -Code $code -BandwidthLimit 1MB; 'went on' | Set-Content '$TestDrive/went-on'"
        $process = Start-Process pwsh -ArgumentList '-NoProfile', '-Command', $script -PassThru
        $receive = Start-TestReceive $relay.Uri $code $out
        Wait-Until { Get-ChildItem $out -Force -Filter *.p2ppart -ErrorAction Ignore | Where-Object Length -GT 0 }
        kill -TERM $process.Id
        $process.WaitForExit(5000) | Should -BeTrue
        $process.ExitCode | Should -Be 143
        { Wait-TestEnd $receive } | Should -Throw '*cancelled*'
        Test-Path "$TestDrive/went-on" | Should -BeFalse
    }
}
