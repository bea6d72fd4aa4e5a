using System.Runtime.InteropServices;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tool;

/// <summary>
/// Turns Ctrl+C, SIGTERM and SIGHUP (the terminal is gone) into a cancellation. The first one ends cleanly: the peer is
/// told, and partial files stay for a later run. A second Ctrl+C or SIGTERM ends at once. A signal that was ignored when the
/// process started, as under nohup, stays ignored.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan WindowsPatience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ManualResetEventSlim _ended = new();
    private readonly Action _exitNow;
    private int _stops;

    public StopSignals(Action exitNow)
    {
        _exitNow = exitNow;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),

            // Also for logs and lists: the write fails, and the program goes on.
            .. OperatingSystem.IsWindows() ? [] : (PosixSignalRegistration[])[PosixSignalRegistration.Create(PosixFileSystem.FileSizeExceeded, context => context.Cancel = true)],
        ];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _ended.Set();
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;

        // A closed terminal sends several signals: its shell, the kernel, and the end of the login with SIGTERM. They do not mean that
        // the user wants the end at once, so SIGHUP does not count.
        if (context.Signal != PosixSignal.SIGHUP && Interlocked.Increment(ref _stops) > 1)
        {
            _exitNow();
            return;
        }

        // Continuations of the cancelled work must not run on the thread that delivers signals.
        _ = Task.Run(_stop.Cancel);

        // When its console is closed or its user logs off, Windows ends a program as soon as this returns, and after five seconds anyway.
        if (OperatingSystem.IsWindows() && context.Signal != PosixSignal.SIGINT)
            _ended.Wait(WindowsPatience);
    }
}
