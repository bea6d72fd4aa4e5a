using System.Management.Automation;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Module;

/// <summary>The engine for the cmdlets, which create it by name; see <see cref="ICommandEngine"/>.</summary>
internal sealed class CommandEngine : ICommandEngine
{
    public string NewCode(int words) => PairingCode.Generate(words).Reveal();

    public IReadOnlyList<string> CompleteCode(string typed) => PairingCode.Complete(typed);

    public bool IsCode(string text) => GeneratedForm.Of(text) is not null;

    public string? CodeProblem(string text) => PairingCode.Validate(text, out _) is { } problem ? $"The code cannot be used: {problem}" : null;

    public ErrorRecord? ReadSettings(out ICommandSettings? settings)
    {
        settings = null;
        try
        {
            settings = new CommandSettings(P2PSettings.Load());
            return null;
        }
        catch (P2PException e)
        {
            return ErrorMapper.Session(e, target: null);
        }
    }

    public ErrorRecord? CheckRelay(Uri address)
        => RelayConnector.ParseAddress(address.OriginalString) is not null
            ? null
            : ErrorMapper.Session(new P2PException(P2PErrorCode.InvalidOption, $"`Relay` takes {RelayConnector.AddressForm}, not '{VisibleText.Name(address.OriginalString)}'."), address);

    public ISendRun Send(SendP2PFileCommand command, IReadOnlyList<string> paths, Stream? stream) => new SendRun(command, paths, stream);

    public ErrorRecord? CheckDestination(string? destination, string? list)
    {
        try
        {
            if (destination is not null)
                DestinationCheck.Refuse(destination);
            if (list is not null)
                Sha256List.Check(list);
            return null;
        }
        catch (P2PException e)
        {
            return ErrorMapper.Session(e, destination);
        }
    }

    public bool Receive(ReceiveP2PFileCommand command, string destination, string? list, bool codeMayChange)
        => new ReceiveRun(command, destination, list).Execute(codeMayChange);

    public P2PRelayTest TestRelay(TestP2PRelayCommand command, Uri relay, bool withToken) => new RelayTestRun(command, relay, withToken).Execute();

    public IRelayRun Relay(StartP2PRelayCommand command) => new RelayRun(command);

    public P2PRelayStatus ReadRelay(Uri address, bool skipCertificateCheck, TimeSpan timeout, int? processId)
        => RelayMetricsReader.Read(address, skipCertificateCheck, timeout, processId);

    public void StopRelay(int processId, TimeSpan timeout) => RelayStopper.Stop(processId, timeout);

    public ErrorRecord Error(Exception exception, object? target) => ErrorMapper.Session(exception, target);
}
