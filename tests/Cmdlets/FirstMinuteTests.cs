using System.Management.Automation;
using P2PCopy.Cmdlets;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What a person with a file to copy meets: the command to paste, the code as it is typed, and the plan.</summary>
public sealed class FirstMinuteTests : CmdletTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-Relay $($with.Relay)", 1)]
    [InlineData("-Listen 127.0.0.1:0", 1)]
    [InlineData("-Listen '127.0.0.1:0', '[::1]:0'", 2)]
    public async Task The_command_that_a_sender_shows_receives_its_files(string way, int commands)
    {
        Peer.Folder.File("a.txt", "abc");
        using PowerShell shell = Session.Create($"Send-P2PFile $folder/a.txt {way}");
        Task<PSDataCollection<PSObject>> sending = shell.InvokeAsync();
        string[] said;
        do
        {
            await Task.Delay(5, Cancel);
            said = [.. shell.Streams.Information.ToArray().Select(r => r.ToString())];
        }
        while (!said.Contains("The code is:") || said.Length - Array.IndexOf(said, "The code is:") < 3);

        string[] shown = [.. said.Where(line => line.StartsWith("    Receive-P2PFile ", StringComparison.Ordinal))];
        Assert.Equal(commands, shown.Length);
        Assert.All(shown, line => Assert.EndsWith(" -Code " + said[Array.IndexOf(said, "The code is:") + 2], line, StringComparison.Ordinal));
        using PowerShellSession other = Peer.Session();
        SessionResult received = other.Run($"Set-Location $folder; mkdir there > $null; Set-Location there; {shown[^1]}");
        Assert.Equal("Copied", ((P2PFileResult)received.Only.BaseObject).Status);
        await sending;
        Assert.Equal("abc", File.ReadAllText(Peer.Folder["there/a.txt"]));
    }

    [Fact]
    public async Task A_chosen_code_is_not_shown_with_the_command()
    {
        Peer.Folder.File("a.txt", "abc");
        using PowerShell shell = Session.Create("Send-P2PFile $folder/a.txt -Listen 127.0.0.1:0 -Code $with.Code");
        Task<PSDataCollection<PSObject>> sending = shell.InvokeAsync();
        string[] said;
        do
        {
            await Task.Delay(5, Cancel);
            said = [.. shell.Streams.Information.ToArray().Select(r => r.ToString())];
        }
        while (!said.Any(line => line.StartsWith("    Receive-P2PFile -Relay ws://127.0.0.1:", StringComparison.Ordinal)));

        Assert.DoesNotContain(said, line => line.Contains(Peer.Code.Reveal(), StringComparison.Ordinal) || line.Contains("-Code", StringComparison.Ordinal));
        await shell.StopAsync(null, null);
        await Assert.ThrowsAnyAsync<PipelineStoppedException>(() => sending);
    }

    [Theory]
    [InlineData("$code.ToUpper()")]
    [InlineData("$code.Replace('-', ' ')")]
    [InlineData("$code.Replace('-', '_')")]
    [InlineData("$code.Replace('-', [string][char]0x2013)")]
    [InlineData("'\"' + $code + '\"'")]
    [InlineData("[char]0x201c + $code.Insert(3, [char]0x200b) + [char]0x201d")]
    [InlineData("'o' + $code.Substring(1)", "0")]
    [InlineData("'L' + $code.Substring(1)", "1")]
    public async Task A_code_is_read_as_people_type_it(string typed, string? first = null)
    {
        string text = first + Peer.Code.Reveal()[(first is null ? 0 : 1)..];
        Peer.Folder.File("a.txt", "abc");
        Session["code"] = text;
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [Peer.Folder["a.txt"]], Code = PairingCode.Parse(text) });
        SessionResult received = Session.Run($"Receive-P2PFile $destination -Relay $with.Relay -Code ({typed})");
        Assert.Equal("Copied", ((P2PFileResult)received.Only.BaseObject).Status);
        Assert.True((await other).Succeeded);
    }

    /// <summary>No relay is asked: its address is one that nothing listens on.</summary>
    [Theory]
    [InlineData("Receive-P2PFile $destination", "abc")]
    [InlineData("Send-P2PFile $folder/a.txt", "abc")]
    [InlineData("Receive-P2PFile $destination", "4h7k2m-castle-wagom-puzzle")]
    [InlineData("Send-P2PFile $folder/a.txt", "4h7k2m-castle-wagom-puzzle")]
    public void An_impossible_code_is_refused_at_once(string command, string code)
    {
        Peer.Folder.File("a.txt", "abc");
        SessionResult result = Session.Run($"{command} -Relay ws://127.0.0.1:1 -Code '{code}'");
        Assert.Equal("InvalidOption", result.EndId);
        Assert.DoesNotContain(code, result.End!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_counts_what_would_happen_and_names_what_is_newer_here()
    {
        DateTime old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (string name in (string[])["new.txt", "same.txt", "edited.txt", "outdated.txt", ".hidden"])
            Peer.Folder.File("tree/" + name, name + name, old);
        Here("same.txt", "same.txtsame.txt", old);
        Here("edited.txt", "mine", old.AddDays(1));
        Here("outdated.txt", "older", old.AddDays(-1));

        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [Peer.Folder["tree"]] });
        SessionResult result = Session.Run("Receive-P2PFile $destination @with -WhatIf");
        TransferReport report = await other;
        Assert.False(report.Succeeded);

        var offer = (P2POffer)result.Only.BaseObject;
        P2PPlan plan = offer.Plan!;
        Assert.Equal(Peer.Destination, plan.Destination);
        Assert.Equal((2, 2, 1, 1, 0), (plan.NewFiles, plan.ReplacedFiles, plan.NewerHere, plan.UnchangedFiles, plan.LeftFiles));
        Assert.Equal(["tree/edited.txt"], plan.NewerNames);
        Assert.Equal(["tree/outdated.txt"], plan.ReplacedNames);
        Assert.Equal((0, 1), (plan.ExecutableFiles, plan.HiddenFiles));
        Assert.Equal(14 + 20 + 24 + 14, plan.BytesToTransfer);
        Assert.True(offer.FreeSpace > 0);
        Assert.Contains("Replaces newer files here:", plan.ToString(), StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Peer.Destination, "tree", "edited.txt")));

        void Here(string name, string content, DateTime time)
        {
            string file = Path.Combine(Directory.CreateDirectory(Path.Combine(Peer.Destination, "tree")).FullName, name);
            File.WriteAllText(file, content);
            File.SetLastWriteTimeUtc(file, time);
        }
    }
}
