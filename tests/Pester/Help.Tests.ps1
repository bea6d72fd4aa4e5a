BeforeDiscovery {
    . $PSScriptRoot/TestSession.ps1
    $cases = Get-Command -Module P2PCopy | ForEach-Object { @{ Command = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    $Ignored = [System.Management.Automation.PSCmdlet]::CommonParameters
}

Describe 'Help of <Command>' -ForEach $cases {
    BeforeAll {
        $help = Get-Help $Command -Full
    }

    It 'has a synopsis, a description and two examples' {
        $help.Synopsis | Should -Not -BeLike "$Command*"
        ($help.Description.Text -join '').Length | Should -BeGreaterThan 100
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 2
    }

    It 'gives examples that parse and name only what there is' {
        $own = (Get-Command -Module P2PCopy).Name
        foreach ($code in $help.Examples.Example.Code) {
            $problems = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref]$null, [ref]$problems)
            $problems | Should -BeNullOrEmpty -Because $code
            foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                if ($call.GetCommandName() -notlike '*-P2P*') { continue }
                $call.GetCommandName() | Should -BeIn $own
                $real = (Get-Command $call.GetCommandName()).Parameters.Keys
                foreach ($named in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    $named.ParameterName | Should -BeIn $real -Because $code
                }
            }
        }
    }

    It 'describes every parameter and no other' {
        $real = (Get-Command $Command).Parameters.Keys | Where-Object { $_ -notin $Ignored } | Sort-Object
        @($help.Parameters.Parameter.Name) | Sort-Object | Should -Be $real
        foreach ($parameter in $help.Parameters.Parameter) {
            ($parameter.Description.Text -join '').Length | Should -BeGreaterThan 10 -Because $parameter.Name
        }
    }

    It 'shows the syntax of every parameter set' {
        @($help.Syntax.SyntaxItem).Count | Should -Be @((Get-Command $Command).ParameterSets).Count
    }

    It 'names the defaults that hold' {
        $type = (Get-Command $Command).ImplementingType
        $fresh = $type::new()
        foreach ($parameter in $help.Parameters.Parameter) {
            $value = $fresh.($parameter.Name)
            if ($null -eq $value -or $parameter.Name -in 'WhatIf', 'Confirm' -or $parameter.DefaultValue -in 'None', 'False') { continue }
            $stated = if ($value -is [int] -or $value -is [long]) { Invoke-Expression $parameter.DefaultValue } else { $parameter.DefaultValue }
            "$value" | Should -Be "$stated" -Because $parameter.Name
        }
    }
}

Describe 'The topics' {
    It '<_> is found' -ForEach 'about_P2PCopy', 'about_P2PCopy_Security' {
        $file = Join-Path (Split-Path $ModulePath) "en-US/$_.help.txt"
        Get-Content $file -Raw | Should -BeLike "TOPIC*$_*"
        Get-Content $file | Where-Object Length -GT 79 | Where-Object { $_ -notmatch '^        ' } | Should -BeNullOrEmpty
    }
}
