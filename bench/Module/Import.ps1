# What the import costs: time and memory, beside a module that does nothing.

# A module of one assembly with as many cmdlets and bytes as ours, that does nothing.
function New-BareModule {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    $ours = (Get-Item "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll").Length
    $cmdlets = 1..5 | ForEach-Object { "[Cmdlet(`"Get`", `"Bare$_`")] public sealed class GetBare$_ : PSCmdlet { [Parameter] public string Name { get; set; } }" }
    [IO.File]::WriteAllBytes("$Work/padding", [byte[]]::new([Math]::Max(0, $ours - 4096)))
    Add-Type -TypeDefinition "using System.Management.Automation; $cmdlets" -OutputAssembly $Path -CompilerOptions "/resource:$Work/padding"
}

# What the import of a module takes in a process of its own: milliseconds and MB of working set. A fresh process has run
# nothing before, so that PowerShell's own first use of its loaders is counted with the module; a session in use has run one
# command of PowerShell's own modules, as any has that comes to transfer something.
function Measure-OneImport {
    param([string] $Path, [switch] $InUse)
    $script = '$null = {1}; $b = [Environment]::WorkingSet; $w = [Diagnostics.Stopwatch]::StartNew(); Import-Module {0}; $w.Stop(); "$($w.Elapsed.TotalMilliseconds) $(([Environment]::WorkingSet - $b) / 1MB)"'
    [double[]] ((& $PwshPath -NoProfile -NonInteractive -Command ($script -f $Path, $(if ($InUse) { 'Get-Random' } else { '0' }))) -split ' ')
}

# The assembly alone is what can be compared in time. What a manifest, a format file and a types file cost anybody is shown by
# a bare module that has them empty.
function Measure-Import {
    New-BareModule "$Work/Bare.dll"
    $keys = "RootModule = 'Bare.dll'; ModuleVersion = '1.0'; CmdletsToExport = @('Get-Bare1'); FunctionsToExport = @(); VariablesToExport = @(); AliasesToExport = @()"
    "@{ $keys }" | Set-Content "$Work/Bare.psd1"
    "@{ $keys; FormatsToProcess = @('Bare.Format.ps1xml'); TypesToProcess = @('Bare.Types.ps1xml') }" | Set-Content "$Work/BareFiles.psd1"
    '<?xml version="1.0" encoding="utf-8"?><Configuration></Configuration>' | Set-Content "$Work/Bare.Format.ps1xml"
    '<?xml version="1.0" encoding="utf-8"?><Types></Types>' | Set-Content "$Work/Bare.Types.ps1xml"
    $cases = [ordered]@{
        Assembly = @{ Path = "$(Split-Path $ModulePath)/P2PCopy.Cmdlets.dll" }
        BareAssembly = @{ Path = "$Work/Bare.dll" }
        Module = @{ Path = $ModulePath }
        Bare = @{ Path = "$Work/Bare.psd1" }
        BareFiles = @{ Path = "$Work/BareFiles.psd1" }
        ModuleInUse = @{ Path = $ModulePath; InUse = $true }
        BareFilesInUse = @{ Path = "$Work/BareFiles.psd1"; InUse = $true }
    }
    $times, $sizes = @{}, @{}
    foreach ($run in 0..$Runs) {
        foreach ($case in $cases.Keys) {
            $with = $cases[$case]
            $time, $size = Measure-OneImport @with
            # The first of each only warms the disk's cache.
            if ($run) {
                $times[$case] += @($time)
                $sizes[$case] += @($size)
            }
        }
    }
    $ms, $mb = @{}, @{}
    foreach ($case in $cases.Keys) {
        $ms[$case] = Get-Median $times[$case]
        $mb[$case] = Get-Median $sizes[$case]
    }
    Write-Figure -What 'Import-Module of the assembly, against a bare one of the same size' -Budget '<= 1.2 x' -Measured ('{0:0.00} x ({1:0.0} ms, bare {2:0.0} ms)' -f ($ms.Assembly / $ms.BareAssembly), $ms.Assembly, $ms.BareAssembly)
    Write-Figure -What 'the same with manifest, formats and types, against a bare one that has them empty' -Budget '' -Measured ('{0:0.00} x ({1:0.0} ms, bare {2:0.0} ms; without formats and types {3:0.0} ms)' -f ($ms.Module / $ms.BareFiles), $ms.Module, $ms.BareFiles, $ms.Bare)
    Write-Figure -What 'working set after the import, in a session in use' -Budget '<= +6 MB' -Measured ('+{0:0.0} MB (the bare one +{1:0.0} MB)' -f $mb.ModuleInUse, $mb.BareFilesInUse)
    Write-Figure -What 'the same, as the first thing a process does' -Budget '' -Measured ('+{0:0.0} MB (the bare one +{1:0.0} MB, +{2:0.0} MB without formats and types; the assembly alone +{3:0.0} MB, bare +{4:0.0} MB)' -f $mb.Module, $mb.BareFiles, $mb.Bare, $mb.Assembly, $mb.BareAssembly)
}
