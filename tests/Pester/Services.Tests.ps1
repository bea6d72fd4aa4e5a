BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    # The service manager of this machine is not asked: without root the cmdlets end before, and as root -WhatIf shows all.
    function New-Secret {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param($Path, $Text)
        Set-Content -LiteralPath $Path -Value $Text
        if (-not $IsWindows) { chmod 600 $Path }
        $Path
    }
}

Describe 'Register-P2PRelayService -WhatIf' {
    BeforeAll {
        $tokens = New-Secret "$TestDrive/tokens" 'secret-token-text'
        $shown = Register-P2PRelayService -Listen '*:443' -TokenFile $tokens -Parameters @{ MaxRate = 10MB; LogAddresses = $true; AllowedAddresses = '10.0.0.0/8', "it's" } -WhatIf -WarningAction Ignore
    }

    It 'shows the script, the definition and the commands, and creates nothing' {
        $shown | Should -HaveCount 1
        $shown.Name | Should -Be 'p2pcopy-relay'
        $shown.Commands | Should -Not -BeNullOrEmpty
        $shown.Definition | Should -Match ([regex]::Escape([IO.Path]::GetFileName($shown.ScriptPath)))
        $shown.ScriptPath, $shown.DefinitionPath | Test-Path | Should -Be $false, $false
        $shown.Script, $shown.Definition -match 'secret-token-text' | Should -BeNullOrEmpty
    }

    It 'shows a script that parses and starts a relay with the parameters that were given' {
        $problems = $null
        $null = [System.Management.Automation.Language.Parser]::ParseInput($shown.Script, [ref]$null, [ref]$problems)
        $problems | Should -BeNullOrEmpty
        $table = [regex]::Match($shown.Script, '(?s)\$arguments = (@\{.*?\n\})').Groups[1].Value
        $env:CREDENTIALS_DIRECTORY = $TestDrive
        $arguments = Invoke-Expression $table
        $arguments.MaxRate | Should -Be 10MB
        $arguments.LogAddresses | Should -BeTrue
        $arguments.AllowedAddresses | Should -Be '10.0.0.0/8', "it's"
        $arguments.LogFormat | Should -Be 'Json'
        Test-Path $arguments.TokenFile | Should -BeTrue
        $arguments.Keys | ForEach-Object { (Get-Command Start-P2PRelay).Parameters.Keys | Should -Contain $_ }
    }

    It 'runs the script' -Skip:$IsWindows {
        $state = "$TestDrive/logs"
        $null = New-Item -ItemType Directory $state
        $shown = Register-P2PRelayService -Listen '127.0.0.1:0' -TokenFile $tokens -LogFolder $state -WhatIf -WarningAction Ignore
        Set-Content "$TestDrive/service.ps1" $shown.Script
        $env:CREDENTIALS_DIRECTORY = $TestDrive
        $process = Start-Process "$PSHOME/pwsh" '-NoProfile', '-NonInteractive', '-File', "$TestDrive/service.ps1" -PassThru -RedirectStandardError "$TestDrive/errors"
        try {
            $end = [DateTime]::UtcNow.AddSeconds(60)
            while (-not (Test-Path "$state/relay.json") -or -not (Get-Content "$state/relay.json" -Raw)) {
                $process.HasExited | Should -BeFalse -Because (Get-Content "$TestDrive/errors" -Raw)
                [DateTime]::UtcNow | Should -BeLessThan $end
                Start-Sleep -Milliseconds 50
            }
            $info = Get-Content "$state/relay.json" -Raw | ConvertFrom-Json
            $info.ProcessId | Should -Be $process.Id
            (Get-P2PRelay $info.Uri[0]).Connections | Should -BeGreaterOrEqual 0
            Stop-P2PRelay $info.ProcessId
            $process.HasExited | Should -BeTrue
            $process.ExitCode | Should -Be 0
            Get-Content "$state/relay.log" | ForEach-Object { ($_ | ConvertFrom-Json).event } | Should -Be 'started', 'stopping', 'stopped'
            (Get-Content "$state/relay.log" -Raw) -match [char]27 | Should -BeFalse
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
    }

    It 'lets systemd hold the port, and runs with it' -Skip:(-not $IsLinux -or -not (Get-Command python3 -ErrorAction Ignore)) {
        $shown.SocketDefinition | Should -Match '(?m)^ListenStream=443$'
        $shown.Commands | Should -Contain 'systemctl enable p2pcopy-relay.socket p2pcopy-relay.service'
        $state = "$TestDrive/held"
        $null = New-Item -ItemType Directory $state
        $held = Register-P2PRelayService -LogFolder $state -WhatIf -WarningAction Ignore
        $held.SocketDefinition | Should -Match '(?m)^ListenStream=8765$'
        Set-Content "$TestDrive/held.ps1" $held.Script
        # As systemd does: the socket is file descriptor 3 of the process.
        Set-Content "$TestDrive/systemd.py" @'
import os, socket, sys
held = socket.socket()
held.bind(("127.0.0.1", 0))
held.listen(128)
open(sys.argv[1], "w").write(str(held.getsockname()[1]))
os.dup2(held.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
'@
        $process = Start-Process python3 "$TestDrive/systemd.py", "$TestDrive/port", "$PSHOME/pwsh", '-NoProfile', '-NonInteractive', '-File', "$TestDrive/held.ps1" -PassThru -RedirectStandardError "$TestDrive/errors"
        try {
            $end = [DateTime]::UtcNow.AddSeconds(60)
            while (-not (Test-Path "$TestDrive/port") -or -not (Get-Content "$TestDrive/port" -Raw)) {
                [DateTime]::UtcNow | Should -BeLessThan $end
                Start-Sleep -Milliseconds 50
            }
            # It answers when the relay is ready: until then the connection waits in the socket.
            (Get-P2PRelay "http://127.0.0.1:$(Get-Content "$TestDrive/port")" -ConnectionTimeoutSeconds 60).Connections | Should -BeGreaterOrEqual 0
            Stop-P2PRelay $process.Id
            $process.HasExited | Should -BeTrue
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
    }
}

Describe 'A service that cannot be registered' {
    It 'has a secret file that others can read' -Skip:$IsWindows {
        $open = New-Secret "$TestDrive/open" 'x'
        chmod 644 $open
        { Register-P2PRelayService -TokenFile $open -WhatIf } | Should -Throw -ErrorId 'InvalidOption*'
        { Register-P2PReceiveService /var/lib/in -Relay ws://127.0.0.1:1 -CodeFile $open -WhatIf } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'names a secret, an unknown parameter or a value that no script can have' {
        $code = New-Secret "$TestDrive/code" 'abcdef-one-two-three-four'
        foreach ($parameters in @{ Token = 'x' }, @{ Nonsense = 1 }, @{ MaxRate = (Get-Date) }, @{ Listen = '*:1' }) {
            { Register-P2PRelayService -Parameters $parameters -WhatIf } | Should -Throw -ErrorId 'InvalidOption*'
        }
        { Register-P2PReceiveService /var/lib/in -Relay ws://127.0.0.1:1 -CodeFile $code -Parameters @{ Code = 'x' } -WhatIf } | Should -Throw -ErrorId 'InvalidOption*'
        { Register-P2PReceiveService /var/lib/in -Relay http://127.0.0.1 -CodeFile $code -WhatIf } | Should -Throw -ErrorId 'InvalidOption*'
    }

    It 'has a bad name or a missing file' {
        { Register-P2PRelayService 'a b' -WhatIf } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        { Register-P2PRelayService -TokenFile "$TestDrive/missing" -WhatIf } | Should -Throw -ErrorId 'PathNotFound*'
        { Register-P2PReceiveService "$TestDrive/in" -Relay ws://127.0.0.1:1 -CodeFile "$TestDrive/missing" -WhatIf } | Should -Throw
    }
}

Describe 'Unregister' {
    It '<_> refuses a name that was not registered' -ForEach 'Unregister-P2PRelayService', 'Unregister-P2PReceiveService' {
        { & $_ -Name none-of-this-name } | Should -Throw -ErrorId 'ServiceNotFound*'
    }
}

Describe 'Get-P2PRelay and Stop-P2PRelay' {
    It 'reads a relay of this session and drains it' {
        $relay = Start-TestRelay
        try {
            $status = $relay.Info | Get-P2PRelay
            $status.Pairs | Should -Be 0
            $status.IsDraining | Should -BeFalse
            $status.Metrics['p2pcopy_relay_connections'] | Should -BeGreaterOrEqual 1
            ($status | Out-String) | Should -Match 'Connections'
            Stop-P2PRelay -Id $PID -TimeoutSeconds 30
            (Wait-Job $relay.Job -Timeout 30).State | Should -Be 'Completed'
            Get-P2PRelay $relay.Info.Uri[0] -ErrorAction SilentlyContinue -ErrorVariable refused | Should -BeNullOrEmpty
            $refused.FullyQualifiedErrorId | Should -Be 'RelayConnectFailed,P2PCopy.Cmdlets.GetP2PRelayCommand'
        }
        finally {
            Stop-TestRelay $relay
        }
    }

    It 'says that there is no relay, and ends no other program' -Skip:$IsWindows {
        $sleep = Start-Process sleep 60 -PassThru
        try {
            foreach ($id in $sleep.Id, $PID) {
                Stop-P2PRelay $id -ErrorAction SilentlyContinue -ErrorVariable refused
                $refused | Should -HaveCount 1
            }
            $sleep.HasExited | Should -BeFalse
        }
        finally {
            $sleep.Kill()
        }
    }

    It 'does nothing with -WhatIf' {
        Stop-P2PRelay $PID -WhatIf | Should -BeNullOrEmpty
        { Get-P2PRelay -Name none-of-this-name } | Should -Throw -ErrorId 'ServiceNotFound*'
    }
}
