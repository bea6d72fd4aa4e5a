# What each of many files costs on its way through the pipeline.

function New-ManyFile {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $many = "$Work/many"
    if (-not (Test-Path $many)) {
        $null = [IO.Directory]::CreateDirectory($many)
        foreach ($i in 1..$FileCount) { [IO.File]::Create("$many/$i.txt").Dispose() }
    }
    $many
}

# In a runspace without a host, which has nobody to tell what would be sent.
function Measure-Bind {
    $many = New-ManyFile
    $files = [IO.DirectoryInfo]::new($many).GetFiles()
    $silent = [powershell]::Create()
    @{ module = $ModulePath; files = $files; many = $many }.GetEnumerator() | ForEach-Object { $silent.Runspace.SessionStateProxy.SetVariable($_.Key, $_.Value) }
    $piped, $named = @(), @()
    foreach ($run in 0..$Runs) {
        $silent.Commands.Clear()
        $a, $b = $silent.AddScript({
            Import-Module $module
            (Measure-Command { $null = $files | Send-P2PFile -WhatIf }).TotalMilliseconds
            (Measure-Command { $null = Send-P2PFile -LiteralPath $many -WhatIf }).TotalMilliseconds
        }).Invoke()
        if ($silent.HadErrors) { throw $silent.Streams.Error[0] }
        if ($run) { $piped += $a; $named += $b }
    }
    $silent.Dispose()
    $each = 1000 * ((Get-Median $piped) - (Get-Median $named)) / $FileCount
    Write-Figure -What "$FileCount FileInfo of a pipeline bound and resolved" -Budget '<= 40 us each' -Measured ('{0:0.0} us each ({1:0} ms, of which looking at the files {2:0} ms)' -f $each, (Get-Median $piped), (Get-Median $named))
}

# What is there already and equal costs the engine least: what a result costs on its way out shows best.
function Measure-Emit {
    param([uri] $Relay)
    $many = New-ManyFile
    $null = Measure-Copy -With $Tool -Relay $Relay -Source $many -Out "$Work/emitted"
    $byCmdlets, $byTool = @(), @()
    foreach ($run in 0..$Runs) {
        $a = Measure-Copy -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        $b = Measure-Copy -With $Tool -Relay $Relay -Source $many -Out "$Work/emitted" -Keep
        if ($run) { $byCmdlets += $a; $byTool += $b }
    }
    Write-Figure -What "$FileCount results emitted, with everything else a file takes" -Budget '<= 60 us each' -Measured ('{0:0.0} us each (by the tool {1:0.0} us)' -f (1e6 * (Get-Median $byCmdlets) / $FileCount), (1e6 * (Get-Median $byTool) / $FileCount))
}
