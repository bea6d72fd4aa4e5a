namespace P2PCopy.Cmdlets.Services;

/// <summary>The folders of services, and the plan for the operating system.</summary>
internal static class ServiceFolders
{
    /// <summary>The program of this system that starts services.</summary>
    public static ServiceSystem Current
        => OperatingSystem.IsWindows() ? ServiceSystem.TaskScheduler : OperatingSystem.IsMacOS() ? ServiceSystem.Launchd : ServiceSystem.Systemd;

    /// <summary>The folder for scripts: only administrators may write there.</summary>
    public static string Scripts => Current switch
    {
        ServiceSystem.TaskScheduler => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "P2PCopy", "services"),
        ServiceSystem.Launchd => "/Library/Application Support/P2PCopy",
        _ => "/etc/p2pcopy",
    };

    /// <summary>The folder for the log files of a service.</summary>
    public static string Logs(string name) => Current switch
    {
        ServiceSystem.TaskScheduler => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "P2PCopy", name),
        ServiceSystem.Launchd => "/Library/Logs/" + name,
        _ => "/var/log/" + name,
    };

    /// <summary>The plan of a system.</summary>
    public static ServicePlan Plan(ServiceSystem system, ServiceDefinition service) => system switch
    {
        ServiceSystem.TaskScheduler => ScheduledTaskService.Plan(service),
        ServiceSystem.Launchd => LaunchdService.Plan(service),
        _ => SystemdService.Plan(service),
    };

    /// <summary>A sentence that says that the account of a service cannot reach a file, or that other users can change it; null if neither holds.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="isProgram">Whether the account must be able to run the file.</param>
    public static string? Problem(string path, bool isProgram = false)
    {
        if (OperatingSystem.IsWindows())
        {
            string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return profile.Length > 0 && path.StartsWith(profile, StringComparison.OrdinalIgnoreCase) ? $"'{path}' is in the profile of a user, where a service cannot read it." : null;
        }

        for (string? current = path; !string.IsNullOrEmpty(current); current = Path.GetDirectoryName(current))
        {
            UnixFileMode mode = File.GetUnixFileMode(current);
            UnixFileMode needed = current == path ? UnixFileMode.OtherRead : UnixFileMode.OtherExecute;
            if ((mode & needed) == 0)
                return $"'{path}' cannot be read by the account of a service, because '{current}' has no rights for other users.";
            if (isProgram && current == path && (mode & UnixFileMode.OtherExecute) == 0)
                return $"'{path}' cannot be run by the account of a service, because other users may not execute it.";
            if ((mode & UnixFileMode.OtherWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
                return $"'{path}' can be changed by other users, because everyone may write to '{current}'.";
        }

        return null;
    }
}
