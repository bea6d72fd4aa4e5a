<#
.SYNOPSIS
    A drop box for nightly jobs: receives continuously and records the result of each file.
.DESCRIPTION
    For Task Scheduler or a service host (docs/unattended.md). P2PCOPY_RELAY names the relay. The code has four words and is
    in a file that only this account can read. Results are appended to a CSV file. Errors go to the log and do not stop it.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Destination,
    [Parameter(Mandatory)] [string] $CodeFile,
    [Parameter(Mandatory)] [string] $ResultFile
)

# Overrides the caller's preference: a failed transfer must not stop the drop box.
$ErrorActionPreference = 'Continue'
Receive-P2PFile -Destination $Destination -CodeFile $CodeFile -Continuous -FolderPerSender -MaxSize 50GB |
    Select-Object @{ Name = 'Time'; Expression = { Get-Date -Format o } }, Status, Length, Hash, FullName, Message |
    Export-Csv -Path $ResultFile -Append
