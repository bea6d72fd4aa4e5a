<#
.SYNOPSIS
    A drop box for nightly jobs: nightly-drop-box.ps1 FOLDER COMMAND [ARGUMENT...]
.DESCRIPTION
    After each complete transfer it runs COMMAND with the sender's name and the number of files. The log has one JSON object
    for each file, transfer and error; without -LogFile it goes to standard error. P2PCOPY_RELAY names the relay. The code
    needs four words (New-P2PCode -Words 4); it is in P2PCOPY_CODE or in a file that only this account can read. After
    SIGTERM or Ctrl+C a running transfer may finish within 30 seconds. For Task Scheduler and services see docs/unattended.md.
.EXAMPLE
    pwsh -NoProfile -File nightly-drop-box.ps1 /srv/in ./import.ps1 -CodeFile /etc/p2pcopy/code -LogFile /var/log/drop-box.jsonl
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory, Position = 0)] [string] $Destination,
    [Parameter(Mandatory, Position = 1)] [string] $Command,
    [Parameter(ValueFromRemainingArguments)] [string[]] $ArgumentList = @(),
    [string] $CodeFile,
    [long] $MaxSize = 50GB,
    [string] $LogFile
)

# Overrides the caller's preference: a failed transfer must not stop the drop box.
$ErrorActionPreference = 'Continue'
$code = if ($CodeFile) { @{ CodeFile = $CodeFile } } else { @{} }

function Write-Log([string] $Kind, $Entry) {
    $line = [ordered] @{ event = $Kind; time = Get-Date -Format o }
    $Entry.PSObject.Properties | ForEach-Object { $line[$_.Name] = $_.Value -is [timespan] ? $_.Value.TotalSeconds : $_.Value }
    $text = $line | ConvertTo-Json -Compress
    if ($LogFile) { Add-Content -LiteralPath $LogFile $text } else { [Console]::Error.WriteLine($text) }
}

Receive-P2PFile $Destination -Continuous -FolderPerSender -MaxSize $MaxSize -DrainTimeoutSeconds 30 -Summary @code 2>&1 | ForEach-Object {
    if ($_ -is [Management.Automation.ErrorRecord]) {
        Write-Log error ([pscustomobject] @{ ErrorId = $_.FullyQualifiedErrorId; Message = "$_" })
    }
    elseif ($_ -isnot [P2PCopy.Cmdlets.P2PTransferResult]) {
        Write-Log file ($_ | Select-Object Name, Status, Length, FullName, Hash, ErrorId, Message, @{ Name = 'Transfer'; Expression = { $_.Transfer.Id } })
    }
    else {
        Write-Log summary $_
        if ($_.Status -ne 'Completed') { return }
        $sender = $_.SenderName
        try {
            $global:LASTEXITCODE = 0
            & $Command @ArgumentList $sender $_.Copied
            if ($LASTEXITCODE -ne 0) { throw "It ended with $LASTEXITCODE." }
        }
        catch { Write-Log error ([pscustomobject] @{ ErrorId = 'CommandFailed'; Message = "The command failed for ${sender}: $_" }) }
    }
}
