# A large copy by cmdlets and by the tool.

# In use are this session, which receives, and one job, which sends one copy after the other. The first copy of a session pays
# for what PowerShell and the engine compile anew once.
function Measure-Transfer {
    param([uri] $Relay)
    $file = New-RandomFile
    $out = "$Work/copied"
    $codes = 0..$Runs | ForEach-Object { New-P2PCode }
    $sending = Start-Job {
        Import-Module $using:ModulePath
        foreach ($code in $using:codes) { $null = Send-P2PFile -LiteralPath $using:file -Relay $using:Relay -Code $code }
    }
    $tools = @($Tool) + @($Published | Where-Object { $_ } | Resolve-Path | Convert-Path)
    $inUse, $fresh, $rested, $byTool = @(), @(), @(), @{}
    foreach ($run in 0..$Runs) {
        if (Test-Path $out) { Remove-Item $out -Recurse -Force }
        $said = Receive-P2PFile $out -Relay $Relay -Code $codes[$run] -ProgressAction SilentlyContinue -Verbose 4>&1
        $a = Get-ReportedSecond ($said | Where-Object { $_ -is [Management.Automation.VerboseRecord] })
        $b = Measure-Copy -Relay $Relay -Source $file -Out $out
        $c = Measure-Copy -Relay $Relay -Source $file -Out $out -Rested
        if ($run) { $inUse += $a; $fresh += $b; $rested += $c }
        foreach ($one in $tools) {
            $d = Measure-Copy -With $one -Relay $Relay -Source $file -Out $out
            if ($run) { $byTool[$one] += @($d) }
        }
    }
    Receive-Job $sending -Wait -AutoRemoveJob
    Remove-Item $file, $out -Recurse -Force
    $cases = @{ Seconds = $inUse; What = 'in sessions in use'; Budget = '<= +5 %' },
        @{ Seconds = $fresh; What = 'the first of sessions that have just started' },
        @{ Seconds = $rested; What = 'the first of sessions that have waited 3 s' }
    foreach ($case in $cases) {
        $seconds = Get-Median $case.Seconds
        $against = foreach ($one in $tools) {
            $its = Get-Median $byTool[$one]
            '{0:+0.0;-0.0} % ({1} {2:0.000} s)' -f (100 * ($seconds / $its - 1)), (Split-Path $one -Leaf), $its
        }
        Write-Figure -What "1 GiB of random bytes by cmdlets, against the tool: $($case.What)" -Budget $case.Budget -Measured ('{0:0.000} s: {1}' -f $seconds, ($against -join ', '))
    }
}
