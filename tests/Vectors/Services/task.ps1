# P2PCopy relay. Written by Register-P2PRelayService -Name p2pcopy-relay.
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'
Import-Module -Name 'C:\Program Files\PowerShell\Modules\P2PCopy'
$log = 'C:\ProgramData\P2PCopy\p2pcopy-relay'
$arguments = @{
    Listen = @('*:443')
    MaxRate = 10000000
    LogAddresses = $true
    TokenFile = 'C:\P2PCopy\tokens & co.txt'
}
Start-P2PRelay @arguments
