#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>Checks a file that holds a code or a token.</summary>
internal static class SecretFile
{
    /// <summary>
    /// A sentence that says that other users can read or change the file; null if they cannot, and on Windows. Its group may
    /// read it, because systemd and Kubernetes give a service its secrets in this way.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Problem(string path)
    {
        const UnixFileMode ofOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ofOthers) == 0)
            return null;
        return $"other users can read the file (mode {Convert.ToString((int)File.GetUnixFileMode(path) & 511, 8)}). Restrict it: chmod 600 {path}";
    }
}
