using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Module;

/// <summary>The test of one relay for Test-P2PRelay.</summary>
internal sealed class RelayTestRun(TestP2PRelayCommand command, Uri relay, bool withToken)
{
    private P2PRelayTest? _result;

    public P2PRelayTest Execute()
    {
        CommandPump pump = command.CreatePump(new ProgressReporter("Testing"));
        pump.Post(cmdlet => cmdlet.WriteVerbose($"Testing {relay.AbsoluteUri.TrimEnd('/')}."));
        pump.Start(RunAsync, endsProcess: true);
        command.Finish(pump, relay);
        return _result!;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        RelayTestOptions options = SharedOptions.WithTokenOfSettings(
            SharedOptions.Connection(SharedOptions.Apply(CommandSettings.Of(command).ForTest(relay), RelayTestOptionList.All, command.Given), command), command, relay);
        RelayTestReport report = await RelayTest.RunAsync(withToken ? options : options with { Token = null }, cancellationToken).ConfigureAwait(false);
        _result = new P2PRelayTest(relay)
        {
            Succeeded = report.Succeeded,
            Reachable = report.IsReachable,
            TlsValid = report.IsTlsValid,
            Fingerprint = report.CertificateHash,
            CertificateExpires = report.CertificateExpires?.ToLocalTime(),
            Version = report.Version,
            RoundTrip = report.RoundTrip,
            BytesPerSecond = report.BytesPerSecond,
            Direct = report.Direct?.ToString(),
            DirectExpected = report.Direct?.IsExpected,
            ErrorId = report.Error?.Code.ToString(),
            Message = ParameterNames.In(report.Error is { Hint: { } hint } error ? $"{error.Message} {hint}" : report.Error?.Message),
        };
    }
}
