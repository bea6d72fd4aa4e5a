<#
.SYNOPSIS
    A drop box for nightly jobs: keeps receiving, and says of every file what became of it.
.DESCRIPTION
    For Task Scheduler or a service host (docs/unattended.md). P2PCOPY_RELAY says where; the code, of four words, is in a
    file that only this account can read. Results are appended to a CSV, errors to the log: neither ends it.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Destination,
    [Parameter(Mandatory)] [string] $CodeFile,
    [Parameter(Mandatory)] [string] $ResultFile
)

# Whatever the caller prefers: one failed transfer must not end the drop box.
$ErrorActionPreference = 'Continue'
Receive-P2PFile -Destination $Destination -CodeFile $CodeFile -Continuous -FolderPerSender -MaxSize 50GB |
    Select-Object @{ Name = 'Time'; Expression = { Get-Date -Format o } }, Status, Length, Hash, FullName, Message |
    Export-Csv -Path $ResultFile -Append
