#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>Checks a file that holds a code, a token or the key of a certificate.</summary>
internal static class SecretFile
{
    /// <summary>
    /// A sentence that says that other users can read or change the file; null if they cannot, and on Windows. Its group may
    /// read it, because systemd and Kubernetes give a service its secrets in this way.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Problem(string path)
    {
        const UnixFileMode ofOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ofOthers) == 0)
            return null;
        return $"other users can read or change the file (mode {Convert.ToString((int)File.GetUnixFileMode(path) & 511, 8)}).";
    }

    /// <summary>What to do about <see cref="Problem"/>.</summary>
    public static string Hint(string path) => $"Restrict the file '{path}' to its owner: chmod 600.";
}
