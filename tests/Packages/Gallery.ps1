# The life of the module on a machine: install, the three usual cases, upgrade in the session that uses it, uninstall.
# tests/Packages/gallery.sh calls it with a folder that has the package, and the package of a later version.
param([Parameter(Mandatory)] [string] $Feed, [Parameter(Mandatory)] [string] $NextPackage)
$ErrorActionPreference = 'Stop'

function Step([string] $What) { "-- $What" }

function Assert([bool] $Condition, [string] $What) { if (-not $Condition) { throw "FAILED: $What" } }

function Wait-For([scriptblock] $Condition, [string] $What) {
    $deadline = [DateTime]::UtcNow.AddSeconds(60)
    while (-not ($result = & $Condition)) {
        if ([DateTime]::UtcNow -gt $deadline) { throw "FAILED: $What" }
        Start-Sleep -Milliseconds 50
    }
    $result
}

# No line of a screen is longer than the screen, and nothing is replaced by an ellipsis but a hash.
function Show($Objects, [string] $Name) {
    foreach ($width in 80, 120) {
        $text = $Objects | Out-String -Width $width
        Assert (-not ($text -split "`n" | Where-Object { $_.TrimEnd().Length -gt $width })) "a line of $Name is longer than $width columns"
        Assert (($text -replace '\b[0-9A-F]{11}…') -notmatch '…') "something of $Name is cut off at $width columns"
    }
    $text.TrimEnd()
}

function Test-UsualCase {
    $work = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))
    Set-Location $work
    $null = New-Item -ItemType Directory results
    1..3 | ForEach-Object { "file $_" | Set-Content "results/a rather long name for the table of results, number $_.txt" }
    $version = (Get-Module P2PCopy).Version
    $import = "Import-Module P2PCopy -RequiredVersion $version; Set-Location '$work'"

    Step 'one network: the sender runs the relay and shows what the other side types'
    $sender = Start-ThreadJob ([scriptblock]::Create("$import; Send-P2PFile ./results -Listen 127.0.0.1:0"))
    $shown = Wait-For { if ("$($sender.Information)" -match 'Receive-P2PFile (-Relay ws://\S+ -Code \S+)') { $Matches } } 'the sender shows a command'
    $received = Invoke-Expression "Receive-P2PFile one $($shown[1])"
    $sent = $sender | Receive-Job -Wait -AutoRemoveJob
    Assert ("$($received.Status | Sort-Object -Unique)" -eq 'Copied' -and @($sent).Count -eq 3) 'three files are copied'
    Show $received 'the results'
    Show $received[0].Transfer 'the transfer'

    Step 'two sites: a relay with a token, the same code on both sides'
    $relayJob = Start-ThreadJob ([scriptblock]::Create("$import; Start-P2PRelay -Listen 127.0.0.1:0 -Token secret -DrainTimeoutSeconds 0"))
    $relay = Wait-For { Receive-Job $relayJob } 'the relay listens'
    Show $relay 'the relay'
    $test = Test-P2PRelay $relay.Uri -Token secret -MeasureSeconds 0
    Assert $test.Succeeded "the relay passes its test: $($test.Message)"
    Show $test 'the test'
    $code = New-P2PCode -Words 4
    $both = "-Relay $($relay.Uri[0]) -Token secret -Code $code"
    $sender = Start-ThreadJob ([scriptblock]::Create("$import; Get-ChildItem ./results | Send-P2PFile $both"))
    $received = Invoke-Expression "Receive-P2PFile two $both"
    $null = $sender | Receive-Job -Wait -AutoRemoveJob
    Assert (@($received | Where-Object Status -EQ Copied | Get-FileHash).Count -eq 3) 'three files are hashed'

    Step 'a drop box: one summary for each sender'
    $box = Start-ThreadJob ([scriptblock]::Create("$import; Receive-P2PFile box $both -Continuous -FolderPerSender -Summary"))
    foreach ($name in 'night', 'day') { $null = Invoke-Expression "Send-P2PFile ./results $both -SenderName $name" }
    $summaries = Wait-For { $all = @($box.Output | Where-Object { $_.PSTypeNames -like '*P2PTransferResult' }); if ($all.Count -eq 2) { $all } } 'two summaries'
    Assert ("$($summaries.SenderName)" -eq 'night day' -and "$($summaries.Status)" -eq 'Completed Completed') 'both transfers are complete'
    Show $summaries 'the summaries'
    Stop-Job $box, $relayJob
    Remove-Job $box, $relayJob -Force
    Set-Location /
    Remove-Item $work -Recurse -Force
}

Step 'install from a folder'
Register-PSResourceRepository -Name here -Uri $Feed -Trusted
Install-PSResource P2PCopy -Repository here
$null = New-P2PCode # loads the module
$first = (Get-Module P2PCopy).Version
Test-UsualCase
$old = Send-P2PFile $PSCommandPath -WhatIf

Step 'upgrade in this session'
Copy-Item $NextPackage $Feed
Update-PSResource P2PCopy -Repository here
# PowerShell refuses two modules whose cmdlets have the same names, so the earlier version goes first.
Remove-Module P2PCopy
Import-Module P2PCopy
$loaded = (Get-Module P2PCopy).Version
Assert ($loaded -gt $first) "the later version is loaded, not $loaded"
Assert ((Get-Command New-P2PCode).Version -eq $loaded) 'the commands are those of the later version'
Test-UsualCase
Show $old 'an object of the earlier version'

Step 'uninstall'
Remove-Module P2PCopy
Uninstall-PSResource P2PCopy -Version '*'
Assert (-not (Get-PSResource P2PCopy -ErrorAction Ignore)) 'nothing is installed'
Assert (-not (Get-Command New-P2PCode -ErrorAction Ignore)) 'no command is left'
