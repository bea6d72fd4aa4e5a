BeforeAll {
    . $PSScriptRoot/TestSession.ps1
}

Describe 'Start-P2PRelay' {
    It 'writes one object with the real port when it listens' {
        $relay = Start-TestRelay
        try {
            $relay.Info.Uri[0].Scheme | Should -Be 'ws'
            $relay.Info.Uri[0].Port | Should -BeGreaterThan 0
            $relay.Info.ProcessId | Should -Be $PID
            (Invoke-WebRequest "http://127.0.0.1:$($relay.Uri.Port)/healthz").StatusCode | Should -Be 200
        }
        finally {
            Stop-TestRelay $relay
        }
    }

    It 'ends with a terminating error when it cannot bind' {
        $relay = Start-TestRelay
        try {
            { Start-P2PRelay -Listen "127.0.0.1:$($relay.Uri.Port)" } | Should -Throw -ErrorId 'Failure,P2PCopy.Cmdlets.StartP2PRelayCommand'
        }
        finally {
            Stop-TestRelay $relay
        }
    }

    It 'refuses an address that is none' {
        { Start-P2PRelay -Listen 'nonsense' } | Should -Throw -ErrorId 'InvalidOption,P2PCopy.Cmdlets.StartP2PRelayCommand'
    }

    It 'does nothing with -WhatIf' {
        Start-P2PRelay -Listen 127.0.0.1:0 -WhatIf | Should -BeNullOrEmpty
    }

    It 'ends when the pipeline has enough' {
        Start-P2PRelay -Listen 127.0.0.1:0 | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'drains and goes on with the script on SIGTERM, ending with 0' -Skip:$IsWindows {
        $log = Join-Path $TestDrive 'relay.txt'
        $script = "Import-Module '$ModulePath'; Start-P2PRelay -Listen 127.0.0.1:0 | ForEach-Object { `$_.Uri[0].AbsoluteUri | Set-Content '$log' }; 'after' | Add-Content '$log'"
        $process = Start-Process $PwshPath -ArgumentList '-NoProfile', '-Command', $script -PassThru
        $deadline = [DateTime]::UtcNow.AddSeconds(20)
        while (-not (Test-Path $log) -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
        kill -TERM $process.Id
        $process.WaitForExit(10000) | Should -BeTrue
        $process.ExitCode | Should -Be 0
        (Get-Content $log)[-1] | Should -Be 'after'
    }

    It 'in a job leaves SIGTERM to the process, whose first one ends it' -Skip:$IsWindows {
        $log = Join-Path $TestDrive 'job.txt'
        $script = "Import-Module '$ModulePath'; `$job = Start-ThreadJob { Import-Module '$ModulePath'; Start-P2PRelay -Listen 127.0.0.1:0 -DrainTimeoutSeconds 0 }; " +
            "do { `$info = Receive-Job `$job } until (`$info); `$info.Uri[0].AbsoluteUri | Set-Content '$log'; Start-Sleep 600"
        $process = Start-Process $PwshPath -ArgumentList '-NoProfile', '-Command', $script -PassThru
        try {
            $deadline = [DateTime]::UtcNow.AddSeconds(30)
            while (-not (Test-Path $log) -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
            kill -TERM $process.Id
            $process.WaitForExit(10000) | Should -BeTrue
            $process.ExitCode | Should -Be 143
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
    }
}
