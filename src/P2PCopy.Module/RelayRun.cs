using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Options;

namespace P2PCopy.Module;

/// <summary>The relay of Start-P2PRelay.</summary>
internal sealed class RelayRun : IRelayRun
{
    private static readonly ConcurrentDictionary<RelayRun, bool> Running = new();

    private readonly StartP2PRelayCommand _command;
    private readonly CommandPump _pump;
    private readonly RelayOptions _options;
    private readonly CancellationTokenSource _hurry = new();

    // PowerShell passes on the first Ctrl+C only, so signals are counted here: the second one ends the drain.
    private readonly PosixSignalRegistration[] _registrations;
    private readonly StopEvent _stopEvent;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isForeground = CommandPump.IsForeground;
    private int _signals;
    private LogWriter? _log;

    public RelayRun(StartP2PRelayCommand command)
    {
        _command = command;
        RelayOptions given = SharedOptions.Apply(CommandSettings.OfRelay(command), RelayOptionList.All, command.Given);
        _pump = new CommandPump(new ProgressReporter("Relay"), given.DrainTimeout + TimeSpan.FromSeconds(5));
        _options = given with
        {
            Certificate = command.Certificate ?? given.Certificate,
            Key = command.Key ?? given.Key,
            Token = SharedOptions.Secret(command.Token),
            TokenFile = command.TokenFile ?? given.TokenFile,
            OnEvent = Log,
            LostLines = () => _log?.LostInAll ?? 0,
        };
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
        _stopEvent = new StopEvent(Stop);
    }

    public void Execute()
    {
        try
        {
            _log = _command.LogPath is { } path ? new LogWriter(new LogFile(path).TryWrite) : null;
        }
        catch (P2PException e)
        {
            _command.ThrowTerminatingError(ErrorMapper.Session(e, _command.LogPath));
        }

        Running[this] = true;
        _pump.Start(RunAsync, endsProcess: !_isForeground);
        if (_pump.Run(_command) is { } error and not OperationCanceledException)
            _command.ThrowTerminatingError(ErrorMapper.Session(error, _options.Listen));
    }

    /// <summary>Stops the relay when its running pairs have ended. Can be called from any thread.</summary>
    public void Stop() => _pump.Cancel();

    /// <summary>Stops the relay at once.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stopEvent.Dispose();
        _hurry.Cancel();
        _pump.Dispose();
        _log?.Dispose();
        _hurry.Dispose();
        Running.TryRemove(this, out _);
        _ended.TrySetResult();
    }

    /// <summary>Drains and stops every relay of this process; false if one has not ended within the time.</summary>
    /// <exception cref="P2PException">There is none.</exception>
    public static bool StopAll(TimeSpan timeout)
    {
        RelayRun[] all = [.. Running.Keys];
        if (all.Length == 0)
            throw new P2PException(P2PErrorCode.Failure, "No relay runs in this process.");
        foreach (RelayRun run in all)
            run.Stop();
        return Task.WaitAll([.. all.Select(run => run._ended.Task)], timeout);
    }

    private void Log(RelayEvent happened)
    {
        string line = happened.ToLogLine((RelayLogFormat)(_command.LogFormat ?? P2PLogFormat.Text));
        if (_log is null)
            _pump.Post(cmdlet => cmdlet.WriteVerbose(line));
        else
            _log.Add(line);
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = _isForeground;
        if (Interlocked.Increment(ref _signals) > 1)
            _ = Task.Run(_hurry.Cancel);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        RelayServer server = await RelayServer.StartAsync(_options, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var info = new P2PRelayInfo([.. server.Addresses]) { Fingerprint = Fingerprint(_options.Certificate), MetricsUri = server.MetricsAddress };
            _pump.Post(cmdlet => cmdlet.WriteObject(info));
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await server.StopAsync(_hurry.Token).ConfigureAwait(false);
        }
    }

    private static string? Fingerprint(string? certificate)
    {
        if (certificate is null)
            return null;

        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificateFromFile(certificate);
        return leaf.GetCertHashString(HashAlgorithmName.SHA256);
    }
}
