namespace P2PCopy.Settings;

/// <summary>Where the files of this user are, by the conventions of each system.</summary>
internal static class UserFolder
{
    /// <summary>The path of a file in the user's folder <c>p2pcopy</c>; null if there is no such folder.</summary>
    /// <param name="environment">Returns a variable of the environment; null or empty if it is not set.</param>
    /// <param name="windows">The variable that has the folder on Windows.</param>
    /// <param name="xdg">The variable that has it elsewhere, by the XDG base directory specification.</param>
    /// <param name="belowHome">The folder below the home folder where that variable is not set.</param>
    /// <param name="name">The name of the file.</param>
    public static string? Find(Func<string, string?> environment, string windows, string xdg, string belowHome, string name)
    {
        string? folder = OperatingSystem.IsWindows() ? environment(windows)
            : environment(xdg) is { Length: > 0 } configured ? configured
            : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, belowHome)
            : null;
        return folder is { Length: > 0 } && Path.IsPathFullyQualified(folder) ? Path.Combine(folder, "p2pcopy", name) : null;
    }
}
