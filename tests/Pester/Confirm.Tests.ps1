# What -Confirm, -WhatIf and $ConfirmPreference ask and what becomes of the answers. A host of our own is asked in place of a person.
BeforeAll {
    . $PSScriptRoot/TestSession.ps1
    Add-Type -ReferencedAssemblies System.Management.Automation, System.Collections, System.ObjectModel, System.Net.Primitives, System.Console, System.Runtime -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

public sealed class AskedHost : PSHost
{
    private readonly AskedUI _ui = new();
    public AskedUI Asked => _ui;
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override string Name => "Asked";
    public override PSHostUserInterface UI => _ui;
    public override Version Version => new(1, 0);
    public override void EnterNestedPrompt() { }
    public override void ExitNestedPrompt() { }
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) { }
}

public sealed class AskedUI : PSHostUserInterface
{
    public char Answer { get; set; }
    public List<string> Questions { get; } = new();
    public List<string> Lines { get; } = new();
    public override PSHostRawUserInterface RawUI => null;
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Questions.Add(message);
        for (int i = 0; i < choices.Count; i++)
        {
            if (choices[i].Label.Contains("&" + Answer))
                return i;
        }
        return defaultChoice;
    }
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotImplementedException();
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => null;
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes types, PSCredentialUIOptions options) => null;
    public Queue<string> Typed { get; } = new();
    public override string ReadLine() => Typed.Count > 0 ? Typed.Dequeue() : "";
    public override SecureString ReadLineAsSecureString() => new();
    public override void Write(string value) => Lines.Add(value);
    public override void Write(ConsoleColor foreground, ConsoleColor background, string value) => Lines.Add(value);
    public override void WriteDebugLine(string message) { }
    public override void WriteErrorLine(string value) { }
    public override void WriteLine(string value) => Lines.Add(value);
    public override void WriteProgress(long sourceId, ProgressRecord record) { }
    public override void WriteVerboseLine(string message) { }
    public override void WriteWarningLine(string message) { }
}
'@

    # Runs a script with somebody who gives one answer to all that is asked.
    function Invoke-Asked {
        param([char] $Answer, [string] $Script, [string[]] $Typed)
        $asked = [AskedHost]::new()
        $asked.Asked.Answer = $Answer
        $Typed | ForEach-Object { $asked.Asked.Typed.Enqueue($_) }
        $space = [runspacefactory]::CreateRunspace($asked)
        $space.Open()
        $shell = [powershell]::Create($space)
        $null = $shell.AddScript("Import-Module '$ModulePath'; $Script")
        try {
            $output = $shell.Invoke()
            [pscustomobject]@{ Output = $output; Questions = $asked.Asked.Questions; Lines = "$($asked.Asked.Lines)"; Errors = @($shell.Streams.Error); Warnings = @($shell.Streams.Warning.Message) }
        }
        finally {
            $shell.Dispose()
            $space.Dispose()
        }
    }

    $relay = Start-TestRelay
    $tree = (New-Item -ItemType Directory "$TestDrive/tree").FullName
    1..7 | ForEach-Object { "file $_" | Set-Content "$tree/$_.txt" }
}

AfterAll {
    Stop-TestRelay $relay
}

Describe 'Send-P2PFile -Confirm' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'asks how many files, how large and through what, with their first names; a no connects to nothing' {
        $said = Invoke-Asked 'N' "Send-P2PFile '$tree' -Relay ws://127.0.0.1:1 -Code $code -Confirm"
        $said.Questions | Should -HaveCount 1
        $said.Questions[0] | Should -Match '^Send 7 files and 1 folder, \d+ B through ws://127\.0\.0\.1:1\?'
        $said.Questions[0] | Should -Match '(?m)^  tree/1\.txt'
        $said.Questions[0] | Should -Match 'and 3 more$'
        $said.Questions[0] | Should -Not -Match $code
        $said.Output | Should -BeNullOrEmpty
        $said.Errors | Should -BeNullOrEmpty
    }

    It 'sends after <_>' -ForEach 'Y', 'A' {
        $receive = Start-TestReceive $relay.Uri $code $out
        $said = Invoke-Asked $_ "Send-P2PFile '$tree' -Relay $($relay.Uri) -Code $code -Confirm"
        $said.Questions | Should -HaveCount 1
        $said.Output.Status | Select-Object -Unique | Should -Be 'Copied'
        Wait-TestEnd $receive | Should -HaveCount 7
    }

    It 'asks when $ConfirmPreference wants it, and not with -Confirm:$false' {
        (Invoke-Asked 'N' "`$ConfirmPreference = 'Medium'; Send-P2PFile '$tree' -Relay ws://127.0.0.1:1 -Code $code").Questions | Should -HaveCount 1
        $said = Invoke-Asked 'N' "`$ConfirmPreference = 'Low'; Send-P2PFile '$tree' -Relay ws://127.0.0.1:1 -Code $code -RetryTimeoutSeconds 0 -Confirm:`$false"
        $said.Questions | Should -HaveCount 0
        $said = Invoke-Asked 'N' "Send-P2PFile '$tree' -Relay ws://127.0.0.1:1 -Code $code -RetryTimeoutSeconds 0"
        $said.Questions | Should -HaveCount 0
    }

    It 'asks before data of the pipeline, too' {
        $said = Invoke-Asked 'N' "'a', 'b' | Send-P2PFile -Name text.txt -Relay ws://127.0.0.1:1 -Code $code -Confirm"
        $said.Questions | Should -HaveCount 1
        $said.Questions[0] | Should -Match 'text\.txt'
        $said.Output | Should -BeNullOrEmpty
    }
}

Describe 'Receive-P2PFile -Confirm' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'asks how many files, how large and where to; a no writes nothing, and the sender is told' {
        $send = Start-TestSend $relay.Uri $code $tree
        $said = Invoke-Asked 'N' "Receive-P2PFile '$out' -Relay $($relay.Uri) -Code $code -Confirm"
        $said.Questions | Should -HaveCount 1
        $said.Questions[0] | Should -Match "^Receive 7 files and 1 folder, \d+ B into $([regex]::Escape($out))\?"
        $said.Output | Should -BeNullOrEmpty
        $said.Errors | Should -BeNullOrEmpty
        Get-ChildItem $out -ErrorAction Ignore | Should -BeNullOrEmpty
        { Wait-TestEnd $send } | Should -Throw '*declined*'
    }

    It 'shows what would happen to the files that are here' {
        $null = New-Item -ItemType Directory "$out/tree"
        'mine' | Set-Content "$out/tree/1.txt"
        (Get-Item "$out/tree/1.txt").LastWriteTime = (Get-Date).AddDays(1)
        Copy-Item "$tree/2.txt" "$out/tree/2.txt"
        $send = Start-TestSend $relay.Uri $code $tree
        $said = Invoke-Asked 'N' "Receive-P2PFile '$out' -Relay $($relay.Uri) -Code $code -Confirm"
        $said.Questions[0] | Should -Match '(?m)^  5 new, 1 to replace, 1 unchanged; up to \d+ B to transfer$'
        $said.Questions[0] | Should -Match '(?m)^  Replaces newer files here:\r?\n    tree/1\.txt$'
        $said.Questions[0] | Should -Match '(?m)^  [\d.]+ \wiB free here$'
        Get-Content "$out/tree/1.txt" | Should -Be 'mine'
        { Wait-TestEnd $send } | Should -Throw '*declined*'
    }

    It 'receives after a yes' {
        $send = Start-TestSend $relay.Uri $code $tree
        (Invoke-Asked 'Y' "Receive-P2PFile '$out' -Relay $($relay.Uri) -Code $code -Confirm").Output | Should -HaveCount 7
        Wait-TestEnd $send | Should -HaveCount 7
    }

    It 'gives the offer and nothing else with -WhatIf, and reads well' {
        $send = Start-TestSend $relay.Uri $code $tree
        $said = Invoke-Asked 'N' "Receive-P2PFile '$out' -Relay $($relay.Uri) -Code $code -WhatIf"
        $said.Output | Should -HaveCount 1
        $said.Lines | Should -Match 'What if: .*7 files and 1 folder'
        $text = $said.Output | Out-String -Width 80
        $text | Should -Match 'Files +: 7'
        $text | Should -Match '(?m)^ +tree/7\.txt'
        { Wait-TestEnd $send } | Should -Throw '*declined*'
    }
}

Describe 'The question for the code' {
    BeforeEach {
        $code = New-P2PCode
        $out = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'is asked again after a code that cannot be one' {
        $send = Start-TestSend $relay.Uri $code $tree
        $said = Invoke-Asked 'Y' "Receive-P2PFile '$out' -Relay $($relay.Uri) -WaitTimeoutSeconds 60" -Typed 'abc', " $($code.ToUpper().Replace('-', ' ')) "
        $said.Output | Should -HaveCount 7
        $said.Warnings | Should -Match '^The code cannot be used: '
        Wait-TestEnd $send | Should -HaveCount 7
    }

    # The sender has ended as well, so nobody answers the second time.
    It 'is asked again if the other side used a different code' {
        $words = $code -split '-'
        $send = Start-TestSend $relay.Uri $code $tree
        $said = Invoke-Asked 'Y' "try { Receive-P2PFile '$out' -Relay $($relay.Uri) -WaitTimeoutSeconds 60 } catch { `$_.FullyQualifiedErrorId }" -Typed "$($words[0])-$($words[2])-$($words[1])-$($words[1])"
        $said.Output | Should -Match '^InvalidOption'
        $said.Warnings | Should -Not -BeNullOrEmpty
        ([regex]::Matches($said.Lines, 'Code: ')).Count | Should -Be 2
        { Wait-TestEnd $send } | Should -Throw
    }

    It 'is asked three times' {
        $said = Invoke-Asked 'Y' "try { Receive-P2PFile '$out' -Relay ws://127.0.0.1:1 } catch { `$_.FullyQualifiedErrorId }" -Typed 'abc', 'def', 'ghi', $code
        $said.Output | Should -Match '^InvalidOption'
        ([regex]::Matches($said.Lines, 'Code: ')).Count | Should -Be 3
    }
}

Describe 'Start-P2PRelay -Confirm' {
    It 'asks for what is opened to whom; a no opens nothing' {
        $said = Invoke-Asked 'N' 'Start-P2PRelay -Listen 127.0.0.1:0 -Confirm'
        $said.Questions | Should -HaveCount 1
        $said.Questions[0] | Should -Match '127\.0\.0\.1:0, without TLS, for all clients'
        $said.Output | Should -BeNullOrEmpty
    }

    It 'listens after a yes' {
        (Invoke-Asked 'Y' 'Start-P2PRelay -Listen 127.0.0.1:0 -Confirm | Select-Object -First 1').Output.Uri | Should -HaveCount 1
    }
}
