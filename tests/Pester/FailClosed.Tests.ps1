# A path of an option that cannot be used ends the command. An option that was dropped would leave a weaker setting in force:
# a relay without tokens, a connection without its authority.
BeforeDiscovery {
    $parameters = @(
        @{ Command = 'Start-P2PRelay'; Parameter = 'Certificate'; Others = @{ Listen = '127.0.0.1:0' } }
        @{ Command = 'Start-P2PRelay'; Parameter = 'Key'; Others = @{ Listen = '127.0.0.1:0'; Certificate = '/dev/null' } }
        @{ Command = 'Start-P2PRelay'; Parameter = 'TokenFile'; Others = @{ Listen = '127.0.0.1:0' } }
        @{ Command = 'Test-P2PRelay'; Parameter = 'TokenFile'; Others = @{ Relay = 'ws://127.0.0.1:1' } }
        @{ Command = 'Test-P2PRelay'; Parameter = 'CaFile'; Others = @{ Relay = 'wss://127.0.0.1:1' } }
        foreach ($command in 'Send-P2PFile', 'Receive-P2PFile') {
            $others = if ($command -eq 'Send-P2PFile') { @{ Relay = 'wss://127.0.0.1:1'; Path = $PSCommandPath; Code = 'abcd-amber-violin-canoe' } }
            else { @{ Relay = 'wss://127.0.0.1:1'; Code = 'abcd-amber-violin-canoe' } }
            @{ Command = $command; Parameter = 'TokenFile'; Others = $others }
            @{ Command = $command; Parameter = 'CaFile'; Others = $others }
            $withoutCode = $others.Clone()
            $withoutCode.Remove('Code')
            @{ Command = $command; Parameter = 'CodeFile'; Others = $withoutCode }
        }
        @{ Command = 'Send-P2PFile'; Parameter = 'BasePath'; Others = @{ Relay = 'ws://127.0.0.1:1'; Path = $PSCommandPath; Code = 'abcd-amber-violin-canoe' } }
        @{ Command = 'Receive-P2PFile'; Parameter = 'Destination'; Others = @{ Relay = 'ws://127.0.0.1:1'; Code = 'abcd-amber-violin-canoe' } }
        @{ Command = 'Receive-P2PFile'; Parameter = 'Sha256List'; Others = @{ Relay = 'ws://127.0.0.1:1'; Code = 'abcd-amber-violin-canoe' } }
    )
    $cases = foreach ($parameter in $parameters) {
        foreach ($path in 'Nowhere:/file', 'Env:/PATH', 'NoSuchProvider::file') { $parameter + @{ Path = $path } }
        # A folder is no file, and a file is no folder. The list is written at the end, where its error is that of the file.
        if ($parameter.Parameter -in 'BasePath', 'Destination') { $parameter + @{ Path = $PSCommandPath } }
        elseif ($parameter.Parameter -ne 'Sha256List') { $parameter + @{ Path = $PSScriptRoot } }
    }
}

BeforeAll {
    . $PSScriptRoot/TestSession.ps1
}

Describe 'A path that cannot be used' {
    It 'ends <Command> -<Parameter> <Path>' -ForEach $cases {
        $reached = $false
        $arguments = $Others + @{ $Parameter = $Path }
        $failure = $null
        try {
            & $Command @arguments -ErrorAction SilentlyContinue -ErrorVariable soft
            $reached = $true
        }
        catch { $failure = $_ }
        $reached | Should -BeFalse -Because "it went on with: $soft"
        "$($failure.FullyQualifiedErrorId)" | Should -Match '^(PathNotFound|PathNotFileSystem|InvalidOption|FileReadError),'
        "$failure" | Should -Not -BeLike '*could not be reached*'
    }

    It 'leaves no relay without its token if the token is empty' {
        { Start-P2PRelay -Listen 127.0.0.1:0 -Token '' } | Should -Throw -ErrorId 'InvalidOption*'
    }
}
