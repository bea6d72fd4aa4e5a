BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    function Invoke-Fresh {
        param([string] $Script)
        pwsh -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; $Script"
    }
}

Describe 'Importing' {
    It 'does not load the engine' {
        $loaded = Invoke-Fresh '[AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -like "P2PCopy.*"'
        $loaded | Should -Be 'P2PCopy.Cmdlets'
    }

    It 'keeps the engine out of the default load context' {
        $context = Invoke-Fresh '$null = New-P2PCode; $core = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq "P2PCopy.Core" }; [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($core).Name'
        $context | Should -Be 'P2PCopy'
    }

    It 'works again with -Force and after a removal' {
        Invoke-Fresh "Import-Module '$ModulePath' -Force; New-P2PCode" | Should -Match '^\w{6}-'
        Invoke-Fresh "Remove-Module P2PCopy; Import-Module '$ModulePath'; New-P2PCode" | Should -Match '^\w{6}-'
        Invoke-Fresh "`$null = New-P2PCode; Remove-Module P2PCopy; Import-Module '$ModulePath'; New-P2PCode" | Should -Match '^\w{6}-'
    }

    It 'works in ForEach-Object -Parallel, thread jobs and jobs' {
        1..4 | ForEach-Object -Parallel { Import-Module $using:ModulePath; New-P2PCode } | Should -Match '^\w{6}-'
        Wait-TestEnd (Start-TestJob { New-P2PCode } @()) | Should -Match '^\w{6}-'
        Start-Job { param($m) Import-Module $m; New-P2PCode } -ArgumentList $ModulePath | Receive-Job -Wait -AutoRemoveJob | Should -Match '^\w{6}-'
    }

    It 'works in ConstrainedLanguage' {
        Invoke-Fresh '$ExecutionContext.SessionState.LanguageMode = "ConstrainedLanguage"; New-P2PCode' | Should -Match '^\w{6}-'
    }
}
