BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    function Invoke-Fresh {
        param([string] $Script)
        & $PwshPath -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; $Script"
    }
}

BeforeDiscovery {
    $others = foreach ($version in '0.0.1.0', '9.9.9.9') {
        @{ Version = $version; Order = 'before' }
        @{ Version = $version; Order = 'after' }
    }
}

Describe 'Another module that brings another P2PCopy.Core' {
    BeforeAll {
        # The compiler of Add-Type, used directly: Add-Type gives assemblies names of its own.
        Add-Type -TypeDefinition 'public static class P2PCopyTestWarmUp {}'
        function New-TestAssembly {
            [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
            param([string] $Name, [string] $Source, [string] $Folder, [string[]] $Reference)
            $framework = Split-Path ([object].Assembly.Location)
            $references = [object].Assembly.Location, [psobject].Assembly.Location, "$framework/System.Runtime.dll", "$framework/netstandard.dll" + $Reference |
                Where-Object { $_ } | ForEach-Object { [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($_) }
            $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
                $Name,
                [Microsoft.CodeAnalysis.SyntaxTree[]] @([Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText($Source)),
                [Microsoft.CodeAnalysis.MetadataReference[]] $references,
                [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary'))
            $file = [IO.File]::Create("$Folder/$Name.dll")
            try { $result = $compilation.Emit($file) } finally { $file.Close() }
            if (-not $result.Success) { throw "$($result.Diagnostics)" }
        }

        function New-OtherModule {
            [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
            param([string] $Version)
            $folder = (New-Item -ItemType Directory "$TestDrive/other-$Version").FullName
            New-TestAssembly -Name 'P2PCopy.Core' -Folder $folder -Source "[assembly: System.Reflection.AssemblyVersion(`"$Version`")] namespace P2PCopy.Session { public static class PairingCode { public static string Text => `"core $Version`"; } }"
            New-TestAssembly -Name 'Other' -Folder $folder -Reference "$folder/P2PCopy.Core.dll" -Source 'using System.Management.Automation; [Cmdlet("Get", "Other")] public class GetOther : PSCmdlet { protected override void EndProcessing() => WriteObject(P2PCopy.Session.PairingCode.Text); }'
            "$folder/Other.dll"
        }
    }

    It 'of version <Version>, imported <Order>: each has its own' -ForEach $others {
        $other = if (Test-Path "$TestDrive/other-$Version") { "$TestDrive/other-$Version/Other.dll" } else { New-OtherModule $Version }
        $ours = "Import-Module '$ModulePath'; New-P2PCode; (Test-P2PRelay ws://127.0.0.1:1).ErrorId"
        $theirs = "Import-Module '$other'; Get-Other"
        $said = & $PwshPath -NoProfile -NonInteractive -Command $(if ($Order -eq 'before') { "$theirs; $ours; Get-Other" } else { "$ours; $theirs; New-P2PCode" })
        $said | Should -Contain "core $Version"
        $said | Should -Contain 'RelayConnectFailed'
        @($said -match '^\w{6}(-\w+){3}$').Count | Should -BeGreaterThan 0
    }
}

Describe 'Importing' {
    It 'does not load the engine' {
        $loaded = Invoke-Fresh '[AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -like "P2PCopy.*"'
        $loaded | Should -Be "P2PCopy.Cmdlets.$((Import-PowerShellDataFile $ModulePath).ModuleVersion)"
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
