# A figure and how it is shown: in 80 columns, too.
Update-FormatData -AppendPath $PSScriptRoot/Figure.Format.ps1xml

function Get-Median {
    param([double[]] $Values)
    $sorted = $Values | Sort-Object
    $sorted[[Math]::Floor(($sorted.Count - 1) / 2)]
}

function Write-Figure {
    param([string] $What, [string] $Budget, [string] $Measured)
    [pscustomobject]@{ PSTypeName = 'P2PCopy.Figure'; What = $What; Budget = $Budget; Measured = $Measured }
}
