# Runs Pester and PSScriptAnalyzer over the staged module. The last line says how many passed and failed.
$ErrorActionPreference = 'Stop'
$env:P2PCOPY_DIRECT = 'off' # loopback addresses only
$env:P2PCOPY_DISCOVERY = 'off'
$env:P2PCOPY_CONFIG = 'none' # not the settings of the user who runs the tests
. $PSScriptRoot/ImportPester.ps1

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
$result = Invoke-Pester -Configuration $configuration
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
$passed = $result.PassedCount

if (Get-Module -ListAvailable PSScriptAnalyzer) {
    $root = "$PSScriptRoot/../.."
    $manifest = Get-ChildItem "$root/artifacts/module/P2PCopy/*/P2PCopy.psd1" | Select-Object -First 1
    # Pester's blocks hand variables on, and script blocks with their own parameters need no $using:.
    $rules = @{ ExcludeRules = @('PSUseDeclaredVarsMoreThanAssignments', 'PSUseUsingScopeModifierInNewRunspaces', 'PSAvoidUsingConvertToSecureStringWithPlainText', 'PSAvoidUsingInvokeExpression') }
    $scripts = Get-ChildItem "$root/bench", "$root/deploy", "$root/docs", "$root/examples" -Recurse -Include *.ps1 -ErrorAction Ignore
    $findings = @(@($PSScriptRoot, "$root/build.ps1", $manifest) + $scripts | ForEach-Object { Invoke-ScriptAnalyzer -Path $_ -Recurse -Settings $rules })
    $findings | Format-Table -AutoSize | Out-String -Width 200 | Write-Output
    if ($findings) { $failed++ } else { $passed++ }
}
else {
    Write-Output 'PSScriptAnalyzer is not installed: it was not run.'
}

Write-Output "Pester: $passed passed, $failed failed"
exit ([int] ($failed -gt 0))
