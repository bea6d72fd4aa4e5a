# What every file of these tests starts with: the staged module, a relay, and a second end that runs beside the test.

$ModulePath = (Get-ChildItem -Path "$PSScriptRoot/../../artifacts/module/P2PCopy/*/P2PCopy.psd1" | Select-Object -First 1).FullName
Import-Module $ModulePath -Force

# The program of this very PowerShell: what is on PATH may be another, and a .NET tool's command hands on no signal.
$PwshPath = Join-Path $PSHOME 'pwsh'

function Start-TestJob {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([scriptblock] $Script, [object[]] $Arguments)
    Start-ThreadJob -ThrottleLimit 50 -ScriptBlock {
        param($module, $text, $arguments)
        Import-Module $module
        & ([scriptblock]::Create($text)) @arguments
    } -ArgumentList $ModulePath, $Script.ToString(), $Arguments
}

function Start-TestRelay {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([hashtable] $With = @{})
    $job = Start-TestJob { param($with) Start-P2PRelay -Listen 127.0.0.1:0 -DrainTimeoutSeconds 0 @with } @(, $With)
    $deadline = [DateTime]::UtcNow.AddSeconds(20)
    while (-not ($info = Receive-Job $job)) {
        if ([DateTime]::UtcNow -gt $deadline) { throw 'The relay did not start.' }
        Start-Sleep -Milliseconds 20
    }
    [pscustomobject]@{ Job = $job; Uri = $info.Uri[0]; Info = $info }
}

function Stop-TestRelay {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Relay)
    Stop-Job $Relay.Job
    Remove-Job $Relay.Job -Force
}

# Starts the other end; its results come out of Wait-TestEnd.
function Start-TestReceive {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([uri] $Relay, [string] $Code, [string] $Destination, [hashtable] $With = @{})
    Start-TestJob {
        param($relay, $code, $destination, $with)
        Receive-P2PFile -Relay $relay -Code $code -Destination $destination @with
    } @($Relay, $Code, $Destination, $With)
}

function Start-TestSend {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([uri] $Relay, [string] $Code, [string[]] $Path, [hashtable] $With = @{})
    Start-TestJob {
        param($relay, $code, $path, $with)
        Send-P2PFile -Relay $relay -Code $code -LiteralPath $path @with
    } @($Relay, $Code, $Path, $With)
}

function Wait-TestEnd {
    param($Job)
    $null = Wait-Job $Job -Timeout 60
    try { Receive-Job $Job -ErrorAction Stop } finally { Remove-Job $Job -Force }
}
