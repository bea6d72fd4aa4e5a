BeforeAll {
    . $PSScriptRoot/TestSession.ps1
}

Describe 'New-P2PCode' {
    It 'makes a route of six and three words' {
        New-P2PCode | Should -Match '^[0-9a-z]{6}(-[a-z]+){3}$'
    }

    It 'makes more words when asked' {
        New-P2PCode -Words 5 | Should -Match '^[0-9a-z]{6}(-[a-z]+){5}$'
        { New-P2PCode -Words 2 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,P2PCopy.Cmdlets.NewP2PCodeCommand'
    }

    It 'makes another one each time' {
        1..50 | ForEach-Object { New-P2PCode } | Select-Object -Unique | Should -HaveCount 50
    }

    It 'gives a SecureString that the other cmdlets take' {
        New-P2PCode -AsSecureString | Should -BeOfType [securestring]
    }
}
