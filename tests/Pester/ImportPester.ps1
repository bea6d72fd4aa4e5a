# Imports Pester 5: the one that is installed, else one that NuGet brings into artifacts/pester.
$ErrorActionPreference = 'Stop'
$pester = Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -eq 5 } | Select-Object -First 1
if (-not $pester) {
    $version = '5.7.1'
    $folder = "$PSScriptRoot/../../artifacts"
    $pester = "$folder/pester/$version/tools/Pester.psd1"
    if (-not (Test-Path $pester)) {
        dotnet package download "Pester@$version" --output $folder --verbosity quiet | Out-Host
        if ($LASTEXITCODE -ne 0) { throw "Pester 5 is not installed, and NuGet could not bring it: see above." }
    }
}

Import-Module $pester
