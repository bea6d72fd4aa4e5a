using System.Globalization;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// Stops the relays of a process on Windows, where no program can send another one SIGTERM: an event with the number of the
/// process in its name, which the account of the process and administrators may set. Elsewhere it does nothing.
/// </summary>
internal sealed class StopEvent : IDisposable
{
    private readonly EventWaitHandle? _event;
    private readonly RegisteredWaitHandle? _wait;

    /// <param name="stop">Is called once when the event is set.</param>
    public StopEvent(Action stop)
    {
        if (!OperatingSystem.IsWindows())
            return;
        try
        {
            _event = Create(Environment.ProcessId);
            _wait = ThreadPool.RegisterWaitForSingleObject(_event, (_, _) => stop(), null, Timeout.Infinite, executeOnlyOnce: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or WaitHandleCannotBeOpenedException)
        {
            // The relay works without it; Ctrl+C stops it.
        }
    }

    /// <summary>Sets the event of a process; false if no relay runs there.</summary>
    /// <exception cref="UnauthorizedAccessException">The relay belongs to another account.</exception>
    [SupportedOSPlatform("windows")]
    public static bool TrySet(int processId)
    {
        if (!EventWaitHandle.TryOpenExisting(Name(processId), out EventWaitHandle? handle))
            return false;
        using (handle)
            handle.Set();
        return true;
    }

    public void Dispose()
    {
        _wait?.Unregister(null);
        _event?.Dispose();
    }

    [SupportedOSPlatform("windows")]
    private static EventWaitHandle Create(int processId)
    {
        var security = new EventWaitHandleSecurity();
        using var self = WindowsIdentity.GetCurrent();
        foreach (SecurityIdentifier? who in new[] { self.User, new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null) })
            security.AddAccessRule(new EventWaitHandleAccessRule(who!, EventWaitHandleRights.FullControl, AccessControlType.Allow));
        return EventWaitHandleAcl.Create(initialState: false, EventResetMode.ManualReset, Name(processId), out _, security);
    }

    private static string Name(int processId) => string.Create(CultureInfo.InvariantCulture, $@"Global\P2PCopy.Relay.{processId}");
}
