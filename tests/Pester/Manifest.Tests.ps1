BeforeAll {
    . $PSScriptRoot/TestSession.ps1
}

Describe 'The manifest' {
    It 'is valid and says what it exports' {
        $manifest = Test-ModuleManifest $ModulePath -ErrorAction Stop
        $manifest.ExportedCmdlets.Keys | Sort-Object | Should -Be @(
            'Get-P2PRelay', 'New-P2PCode', 'Receive-P2PFile', 'Register-P2PReceiveService', 'Register-P2PRelayService', 'Send-P2PFile',
            'Start-P2PRelay', 'Stop-P2PRelay', 'Test-P2PRelay', 'Unregister-P2PReceiveService', 'Unregister-P2PRelayService')
        $manifest.ExportedFunctions.Keys | Should -BeNullOrEmpty
        $manifest.ExportedAliases.Keys | Should -BeNullOrEmpty
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'has exactly the files that P2PCopy.psd1 of the sources lists' {
        $root = Split-Path $ModulePath
        $staged = Get-ChildItem $root -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/') }
        # A release build has code that was compiled ahead of time for the system that builds; the package has it for other systems, too.
        $systems = @(Get-ChildItem "$root/dependencies" -Directory | Where-Object { Get-ChildItem $_ } | ForEach-Object Name)
        $listed = @(foreach ($file in (Import-PowerShellDataFile "$PSScriptRoot/../../P2PCopy.psd1").FileList) {
            if ($file -like '*/linux-x64/*') { foreach ($kind in $systems) { $file.Replace('linux-x64', $kind) } } else { $file }
        })
        (Import-PowerShellDataFile $ModulePath).FileList | Should -BeNullOrEmpty -Because 'PowerShell resolves each entry at the import'
        $listed | Sort-Object | Should -Be ($staged | Sort-Object)
        $staged | Should -Not -Contain 'System.Management.Automation.dll'
        $staged -match '\.pdb$' | Should -BeNullOrEmpty
    }

    It 'brings its licence and says for what it is' {
        $data = (Import-PowerShellDataFile $ModulePath).PrivateData.PSData
        Get-Content "$(Split-Path $ModulePath)/LICENSE" -Raw | Should -Match 'MIT License'
        $data.LicenseUri | Should -BeLike '*mit'
        'PSEdition_Core', 'Windows', 'Linux', 'MacOS' | Should -BeIn $data.Tags
        $data.ReleaseNotes | Should -Not -BeNullOrEmpty
    }

    It 'has the version of the assemblies' {
        $version = (Import-PowerShellDataFile $ModulePath).ModuleVersion
        Split-Path (Split-Path $ModulePath) -Leaf | Should -Be $version
        (Get-Item "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll").VersionInfo.FileVersion | Should -BeLike "$version*"
    }
}
