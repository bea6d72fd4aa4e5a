using System.Globalization;
using System.Text;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>The attacks of the hostile suite that depend on what a cmdlet passes on or shows.</summary>
public sealed class CmdletAttackTests : CmdletTests
{
    private const string Evil = "a\u001b[2J\u009b1m\r\n\u0007\u202e\u061c\u200b\u3164\U000e0041b";

    [Theory]
    [InlineData("Format-Table")]
    [InlineData("Format-List")]
    public async Task Names_of_the_other_side_cannot_drive_the_terminal(string format)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        string path = Peer.Folder.File(Evil, "content");
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [path], SenderName = Evil });
        SessionResult received = Session.Run($"$all = Receive-P2PFile $destination @with -Summary -Verbose; foreach ($one in $all) {{ $one | {format} | Out-String -Width 500 }}");
        await other;

        Assert.Null(received.End);
        Assert.Contains("\\x1b[2J", received.Text, StringComparison.Ordinal);
        AssertHarmless(received.Text);
        Assert.All(received.Verbose.Concat(received.Warnings).Concat(received.Information), AssertHarmless);
    }

    [Fact]
    public async Task Sentences_of_the_other_side_cannot_drive_the_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        Directory.CreateDirectory(Path.Combine(Peer.Destination, Evil)); // in the place of the file
        string path = Peer.Folder.File(Evil, "content");
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [path] });
        SessionResult received = Session.Run("Receive-P2PFile $destination @with | Out-Null");
        await other;

        Assert.NotEmpty(received.Errors);
        Assert.All(received.Errors, error =>
        {
            AssertHarmless(error.ToString());
            AssertHarmless(error.ErrorDetails?.Message ?? string.Empty);
        });
    }

    [Theory]
    [InlineData("-MaxSize 1KB")]
    [InlineData("-MaxFiles 1")]
    public async Task Limits_hold(string limit)
    {
        string folder = Peer.Folder.Folder("tree");
        Peer.Folder.File("tree/a", new string('x', 2000));
        Peer.Folder.File("tree/b", new string('x', 2000));
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [folder] });
        SessionResult received = Session.Run($"Receive-P2PFile $destination @with {limit}");
        await other;

        Assert.Equal(nameof(P2PErrorCode.LimitExceeded), received.EndId);
        Assert.False(Directory.Exists(Peer.Destination));
    }

    [Theory]
    [InlineData("Receive-P2PFile $destination -Relay ws://127.0.0.1:1 -Code lab-abcd")]
    [InlineData("Send-P2PFile $folder -Relay ws://127.0.0.1:1 -Code lab-abcd")]
    [InlineData("Receive-P2PFile -AsByteStream -Encryption Off @with")]
    [InlineData("Receive-P2PFile $destination @with -Continuous -Verify")]
    [InlineData("Send-P2PFile $folder @with -Encryption Off -Hash Off")]
    public void What_is_weaker_than_it_may_be_is_refused(string script)
        => Assert.Equal(nameof(P2PErrorCode.InvalidOption), Session.Run(script).EndId);

    [Theory]
    [InlineData("644", "0")]
    [InlineData("600", "65534")]
    public void A_file_with_a_code_that_another_user_can_read_or_owns_is_refused(string mode, string owner)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Gives a file to another user.");
        string file = Peer.Folder.File("code", "lab-acorn-bamboo-cactus-dolphin\n");
        Shell.Run("chmod", mode, file);
        Shell.Run("chown", owner, file);
        Assert.Equal(nameof(P2PErrorCode.InvalidOption), Session.Run("Receive-P2PFile $destination -Relay ws://127.0.0.1:1 -CodeFile $folder/code").EndId);
    }

    private static void AssertHarmless(string text) => Assert.DoesNotContain(text.EnumerateRunes(), rune =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format && rune.Value is not ('\n' or '\r') || rune.Value == 0x3164);
}
