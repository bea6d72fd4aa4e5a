# P2PCopy relay. Written by Register-P2PRelayService -Name p2pcopy-relay.
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'
Import-Module -Name '/usr/local/share/powershell/Modules/P2PCopy'
$log = '/Library/Logs/p2pcopy-relay'
$arguments = @{
    Listen = @('*:443')
    MaxRate = 10000000
    LogAddresses = $true
    Key = '/etc/p2pcopy/it''s 100%.pem'
    TokenFile = '/etc/p2pcopy/tokens'
}
Start-P2PRelay @arguments
