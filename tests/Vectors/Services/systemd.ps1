# P2PCopy relay. Written by Register-P2PRelayService -Name p2pcopy-relay.
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'
Import-Module -Name '/usr/local/share/powershell/Modules/P2PCopy'
$log = '/var/log/p2pcopy-relay'
$arguments = @{
    Listen = @('*:443')
    MaxRate = 10000000
    LogAddresses = $true
    Key = "$env:CREDENTIALS_DIRECTORY/key.pem"
    TokenFile = "$env:CREDENTIALS_DIRECTORY/tokens"
}
Start-P2PRelay @arguments
