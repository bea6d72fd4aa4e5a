BeforeAll {
    . $PSScriptRoot/TestSession.ps1
}

# Every refusal of a relay that one can meet with these cmdlets: a terminating error of its own kind, whose sentence and
# hint say what to do.
Describe 'A refusal of the relay' {
    It 'is told as <Sentence>' -ForEach @(
        @{ Limit = @{ MaxConnections = 1 }; Other = 'another-correct-horse'; Sentence = '*has 1 connections, which is all it allows.'; Hint = 'Wait and try again, or use another relay.' }
        @{ Limit = @{ MaxConnectionsPerAddress = 1 }; Other = 'another-correct-horse'; Sentence = '*1 connections from this address already*'; Hint = 'Wait and try again, or use another relay.' }
        @{ Limit = @{ MaxJoinsPerMinutePerAddress = 1 }; Other = 'another-correct-horse'; Sentence = '*There were more than 1 joins a minute from your address*'; Hint = 'Wait and try again, or use another relay.' }
        @{ Limit = @{ MaxJoinsPerMinutePerRoom = 1 }; Other = 'refused-correct-horse'; Sentence = '*There were more than 1 joins a minute from the room of this code*'; Hint = 'Wait and try again, or use another relay.' }
        @{ Limit = @{ MaxWaitingRooms = 1 }; Other = 'another-correct-horse'; Sentence = '*1 rooms have a waiting client*'; Hint = 'Wait and try again, or use another relay.' }
        @{ Limit = @{ AllowedAddresses = '192.0.2.0/24' }; Sentence = '*does not admit your address.'; Hint = '*ask the operator of the relay.' }
        @{ Limit = @{ Token = (ConvertTo-SecureString 'right' -AsPlainText -Force) }; Sentence = '*requires a token.'; Hint = 'Set -Token or P2PCOPY_TOKEN.' }
        @{ Limit = @{ Token = (ConvertTo-SecureString 'right' -AsPlainText -Force) }; Client = @{ Token = (ConvertTo-SecureString 'guessed' -AsPlainText -Force) }; Sentence = '*does not accept this token.'; Hint = 'Check -Token or P2PCOPY_TOKEN.' }
    ) {
        $relay = Start-TestRelay -With $Limit
        $waiting = if ($Other) { Start-TestReceive -Relay $relay.Uri -Code $Other -Destination $TestDrive }
        try {
            while ($Other -and (Invoke-RestMethod "http://127.0.0.1:$($relay.Uri.Port)/metrics") -notmatch 'rooms_waiting 1\n') {
                # This question is a connection too, and where one is all that is allowed it may have kept the receiver out.
                if ($waiting.State -ne 'Running') {
                    Remove-Job $waiting -Force
                    $waiting = Start-TestReceive -Relay $relay.Uri -Code $Other -Destination $TestDrive
                }
                Start-Sleep -Milliseconds 100
            }
            $file = Join-Path $TestDrive 'file'
            Set-Content $file 'content'
            $with = $Client ?? @{}
            $refusal = { Send-P2PFile -LiteralPath $file -Relay $relay.Uri -Code 'refused-correct-horse' -ConnectionTimeoutSeconds 3 -WaitTimeoutSeconds 2 @with } |
                Should -Throw -ExpectedMessage $Sentence -ErrorId 'RelayRefused,P2PCopy.Cmdlets.SendP2PFileCommand' -PassThru
            $refusal.ErrorDetails.RecommendedAction | Should -BeLike $Hint
            $refusal.ErrorDetails.Message | Should -BeLike "* $Hint"
            if (-not $Other) {
                { Receive-P2PFile -Destination $TestDrive -Relay $relay.Uri -Code 'refused-correct-horse' -ConnectionTimeoutSeconds 3 -WaitTimeoutSeconds 2 @with } |
                    Should -Throw -ExpectedMessage $Sentence -ErrorId 'RelayRefused,P2PCopy.Cmdlets.ReceiveP2PFileCommand'
            }
        }
        finally {
            if ($waiting) { Stop-Job $waiting; Remove-Job $waiting -Force }
            Stop-TestRelay $relay
        }
    }
}
