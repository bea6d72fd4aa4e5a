using System.Security.AccessControl;
using System.Security.Principal;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Tool.Codes;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class SecretFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("600", true)]
    [InlineData("400", true)]
    [InlineData("640", true)] // a service that gets its secrets through its group
    [InlineData("644", false)]
    [InlineData("602", false)]
    [InlineData("620", false)]
    public void A_file_with_a_secret_that_others_can_read_is_refused(string mode, bool isAccepted)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no modes here.");
            return;
        }

        string file = _folder.File("code", "lab-acorn-bamboo-cactus\n");
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));

        if (Refusal(file, isAccepted) is not { } error)
            return;
        Assert.Contains($"(mode {mode}).", error.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("acorn", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("65534", false)] // another user, who can read it and chose what is in it
    [InlineData("0", true)]
    public void A_file_with_a_secret_that_another_user_owns_is_refused(string owner, bool isAccepted)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Gives a file to another user.");
        string file = _folder.File("code", "lab-acorn-bamboo-cactus\n");
        TemporaryFolder.SetMode(file, 0x180);
        Shell.Run("chown", owner, file);

        if (Refusal(file, isAccepted) is not { } error)
            return;
        Assert.Contains($"another user owns the file (user id {owner})", error.Message, StringComparison.Ordinal);
        Assert.Contains("chown", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("S-1-5-18", true)] // the system
    [InlineData("S-1-5-32-544", true)] // administrators
    [InlineData("S-1-5-32-545", false)] // users
    [InlineData("S-1-5-11", false)] // authenticated users
    [InlineData("S-1-1-0", false)] // everyone
    public void A_file_with_a_secret_that_a_group_of_all_users_can_read_is_refused_on_Windows(string? group, bool isAccepted)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no access lists here.");
            return;
        }

        string file = _folder.File("code", "lab-acorn-bamboo-cactus\n");
        using var self = WindowsIdentity.GetCurrent();
        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(self.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        if (group is not null)
            security.AddAccessRule(new FileSystemAccessRule(new SecurityIdentifier(group), FileSystemRights.Read, AccessControlType.Allow));
        new FileInfo(file).SetAccessControl(security);
        Assert.SkipWhen(new FileInfo(file).GetAccessControl().AreAccessRulesProtected == false, "Wine does not set access lists.");

        if (isAccepted)
            Assert.Equal("lab-acorn-bamboo-cactus", SecretSource.Find(null, ("--code-file", file), null));
        else
            Assert.Contains("icacls", Assert.Throws<P2PException>(() => SecretSource.Find(null, ("--code-file", file), null)).Hint, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The error of a file with a code that is refused; null if it must be accepted.</summary>
    private static P2PException? Refusal(string file, bool isAccepted)
    {
        if (isAccepted)
        {
            Assert.Equal("lab-acorn-bamboo-cactus", SecretSource.Find(null, ("--code-file", file), null));
            return null;
        }

        P2PException error = Assert.Throws<P2PException>(() => SecretSource.Find(null, ("--code-file", file), null));
        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
        return error;
    }
}
