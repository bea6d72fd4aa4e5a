@{
    RootModule           = 'P2PCopy.Cmdlets.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = 'b0b1a1f6-8f0e-4f0c-9c1d-6b0f6b1b7c55'
    Author               = 'P2PCopy contributors'
    CompanyName          = 'P2PCopy'
    Copyright            = '(c) P2PCopy contributors. MIT licence.'
    Description          = 'Copies files and folders between two machines that can each only reach out on port 443: end-to-end encrypted, verified, resumable, through a relay that can read nothing.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('P2PCopy.Format.ps1xml')
    CmdletsToExport      = @(
        'Send-P2PFile', 'Receive-P2PFile', 'Start-P2PRelay', 'Test-P2PRelay', 'New-P2PCode', 'Get-P2PRelay', 'Stop-P2PRelay',
        'Register-P2PRelayService', 'Unregister-P2PRelayService', 'Register-P2PReceiveService', 'Unregister-P2PReceiveService'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    FileList             = @(
        'P2PCopy.psd1', 'P2PCopy.Cmdlets.dll', 'P2PCopy.Format.ps1xml', 'LICENSE', 'THIRD-PARTY-NOTICES.txt',
        'dependencies/P2PCopy.Module.dll', 'dependencies/P2PCopy.Core.dll', 'dependencies/P2PCopy.Relay.dll', 'dependencies/ZstdSharp.dll',
        'dependencies/linux-x64/P2PCopy.Module.dll', 'dependencies/linux-x64/P2PCopy.Core.dll', 'dependencies/linux-x64/P2PCopy.Relay.dll',
        'dependencies/linux-x64/ZstdSharp.dll',
        'en-US/P2PCopy.Cmdlets.dll-Help.xml', 'en-US/about_P2PCopy.help.txt', 'en-US/about_P2PCopy_Security.help.txt'
    )
    PrivateData          = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'file', 'transfer', 'copy', 'relay', 'encrypted', 'websocket')
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'The first version.'
        }
    }
}
