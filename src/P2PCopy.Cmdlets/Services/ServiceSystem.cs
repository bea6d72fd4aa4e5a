namespace P2PCopy.Cmdlets.Services;

/// <summary>The program of an operating system that starts services.</summary>
internal enum ServiceSystem
{
    /// <summary>systemd, on Linux.</summary>
    Systemd,

    /// <summary>launchd, on macOS.</summary>
    Launchd,

    /// <summary>The Task Scheduler of Windows.</summary>
    TaskScheduler,
}
