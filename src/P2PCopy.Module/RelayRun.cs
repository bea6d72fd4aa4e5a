using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Relay.Options;

namespace P2PCopy.Module;

/// <summary>One relay for Start-P2PRelay.</summary>
internal sealed class RelayRun : IRelayRun
{
    private readonly StartP2PRelayCommand _command;
    private readonly CommandPump _pump;
    private readonly RelayOptions _options;
    private readonly CancellationTokenSource _hurry = new();

    // PowerShell passes on the first Ctrl+C only, so signals are counted here: the second one ends the drain.
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public RelayRun(StartP2PRelayCommand command)
    {
        _command = command;
        RelayOptions given = SharedOptions.Apply(new RelayOptions(), RelayOptionList.All, command.Given);
        _pump = new CommandPump(new ProgressReporter("Relay"), given.DrainTimeout + TimeSpan.FromSeconds(5));
        _options = given with
        {
            Certificate = command.Certificate,
            Key = command.Key,
            Token = SharedOptions.Secret(command.Token),
            TokenFile = command.TokenFile,
            OnEvent = happened => _pump.Post(cmdlet => cmdlet.WriteVerbose(happened.ToLogLine((RelayLogFormat)(command.LogFormat ?? P2PLogFormat.Text)))),
        };
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public void Execute()
    {
        _pump.Start(RunAsync, endsProcess: false);
        if (_pump.Run(_command) is { } error and not OperationCanceledException)
            _command.ThrowTerminatingError(ErrorMapper.Session(error, _options.Listen));
    }

    /// <summary>Lets running pairs end; from any thread.</summary>
    public void Stop() => _pump.Cancel();

    /// <summary>Ends it without that.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _hurry.Cancel();
        _pump.Dispose();
        _hurry.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
            _ = Task.Run(_hurry.Cancel);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        RelayServer server = await RelayServer.StartAsync(_options, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var info = new P2PRelayInfo([.. server.Addresses]) { Fingerprint = Fingerprint(_options.Certificate) };
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
