using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>Checks who else can read or change a file: one that holds a code, a token or the key of a certificate, or the settings.</summary>
internal static class SecretFile
{
    // Everyone, Authenticated Users, Users, Interactive, Network, Anonymous, Guests.
    private static readonly string[] Everybody = ["S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-4", "S-1-5-2", "S-1-5-7", "S-1-5-32-546"];

    /// <summary>
    /// A sentence that says that other users can read or change the file; null if they cannot. Its owner is this user or root. Its
    /// group may read it, because systemd and Kubernetes give a service its secrets in this way. On Windows the file must not be
    /// open to groups that all users of the machine belong to.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Problem(string path)
    {
        if (OperatingSystem.IsWindows())
            return IsOpenToAll(path, toRead: true) ? "a group of all users can read or change the file." : null;
        if (Mode(path, UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite) is { } mode)
            return $"other users can read or change the file (mode {mode}).";
        return OwnerProblem(path);
    }

    /// <summary>A sentence that says that other users can change the file, which they may read; null if they cannot.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? ChangeProblem(string path)
    {
        if (OperatingSystem.IsWindows())
            return IsOpenToAll(path, toRead: false) ? "a group of all users can change the file." : null;
        return Mode(path, UnixFileMode.OtherWrite | UnixFileMode.GroupWrite) is { } mode ? $"other users can change the file (mode {mode})." : OwnerProblem(path);
    }

    /// <summary>What to do about <see cref="Problem"/>.</summary>
    public static string Hint(string path) => Hint(path, $"Restrict the file '{path}' to its owner: chmod 600.");

    /// <summary>What to do about <see cref="ChangeProblem"/>.</summary>
    public static string ChangeHint(string path) => Hint(path, $"chmod go-w {path}");

    private static string Hint(string path, string restrict) => OperatingSystem.IsWindows()
        ? $"Restrict the file to this account: icacls \"{path}\" /inheritance:r /grant:r *{WindowsIdentity.GetCurrent().User}:F"
        : FileOwner.Foreign(path) is null ? restrict : $"Use a file of your own, or make this user the owner of '{path}' (chown).";

    private static string? OwnerProblem(string path)
        => FileOwner.Foreign(path) is { } owner ? $"another user owns the file (user id {owner}) and can read and change it." : null;

    /// <summary>The mode in octal if it has one of the bits; otherwise null.</summary>
    [UnsupportedOSPlatform("windows")]
    private static string? Mode(string path, UnixFileMode bits)
        => File.GetUnixFileMode(path) is var mode && (mode & bits) != 0 ? Convert.ToString((int)mode & 511, 8) : null;

    [SupportedOSPlatform("windows")]
    private static bool IsOpenToAll(string path, bool toRead)
    {
        FileSystemRights ofOthers = FileSystemRights.WriteData | FileSystemRights.AppendData | FileSystemRights.ChangePermissions
            | FileSystemRights.TakeOwnership | (toRead ? FileSystemRights.ReadData : 0);
        try
        {
            AuthorizationRuleCollection rules = new FileInfo(path).GetAccessControl(AccessControlSections.Access)
                .GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier));
            return rules.OfType<FileSystemAccessRule>().Any(rule => rule.AccessControlType == AccessControlType.Allow
                && (rule.FileSystemRights & ofOthers) != 0
                && Everybody.Contains(rule.IdentityReference.Value));
        }
        catch (Exception e) when (e is SystemException and not IOException and not UnauthorizedAccessException)
        {
            throw new IOException($"Its permissions could not be read: {e.Message}", e);
        }
    }
}
