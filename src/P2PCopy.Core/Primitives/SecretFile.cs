using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>Checks a file that holds a code, a token or the key of a certificate.</summary>
internal static class SecretFile
{
    // Everyone, Authenticated Users, Users, Interactive, Network, Anonymous, Guests.
    private static readonly string[] Everybody = ["S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-4", "S-1-5-2", "S-1-5-7", "S-1-5-32-546"];

    /// <summary>
    /// A sentence that says that other users can read or change the file; null if they cannot. Its group may read it, because
    /// systemd and Kubernetes give a service its secrets in this way. On Windows the file must not be open to groups that all
    /// users of the machine belong to.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Problem(string path)
    {
        const UnixFileMode ofOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        if (OperatingSystem.IsWindows())
            return IsOpenToAll(path) ? "a group of all users can read or change the file." : null;
        if ((File.GetUnixFileMode(path) & ofOthers) == 0)
            return null;
        return $"other users can read or change the file (mode {Convert.ToString((int)File.GetUnixFileMode(path) & 511, 8)}).";
    }

    /// <summary>What to do about <see cref="Problem"/>.</summary>
    public static string Hint(string path) => OperatingSystem.IsWindows()
        ? $"Restrict the file to this account: icacls \"{path}\" /inheritance:r /grant:r *{WindowsIdentity.GetCurrent().User}:F"
        : $"Restrict the file '{path}' to its owner: chmod 600.";

    [SupportedOSPlatform("windows")]
    private static bool IsOpenToAll(string path)
    {
        const FileSystemRights ofOthers = FileSystemRights.ReadData | FileSystemRights.WriteData | FileSystemRights.AppendData
            | FileSystemRights.ChangePermissions | FileSystemRights.TakeOwnership;
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
