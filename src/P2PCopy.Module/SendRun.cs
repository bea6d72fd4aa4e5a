using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Module;

/// <summary>A transfer of Send-P2PFile.</summary>
internal sealed class SendRun : ISendRun
{
    private readonly SendP2PFileCommand _command;
    private readonly CommandPump _pump;
    private readonly TransferEvents _events;
    private readonly SendOptions _options;

    public SendRun(SendP2PFileCommand command, IReadOnlyList<string> paths, Stream? stream)
    {
        var progress = new ProgressReporter("Sending");
        _command = command;
        _pump = command.CreatePump(progress);
        SendOptions given = SharedOptions.Apply(CommandSettings.Of(command).Send, [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All], command.Given);
        _events = new TransferEvents(_pump, progress, command, given.SenderName.Length > 0 ? given.SenderName : null);
        _options = SharedOptions.Transfer(given, command) with
        {
            Paths = paths,
            InputStream = stream,
            Name = command.Name,
            BasePath = command.BasePath,
            EmbeddedRelay = SharedOptions.Embedded(command.Listen),
            OnEvent = _events.OnEvent,
            Verify = SharedOptions.Verify(command, _pump),
        };
    }

    public CommandPump Pump => _pump;

    /// <summary>Describes the files that would be sent, for -WhatIf and -Confirm, without connecting.</summary>
    public P2POffer Preview(out string description)
    {
        try
        {
            TransferOffer offer = SendPreview.Create(_options with { OnEvent = null }, _pump.Stopping);
            description = TransferSums.Describe(offer);
            return TransferSums.Offer(offer);
        }
        catch (P2PException e)
        {
            _command.ThrowTerminatingError(ErrorMapper.Session(e, target: null));
            throw;
        }
    }

    public void Start()
        => _pump.Start(
            async token => _events.Finish(await P2PTransfer.SendAsync(_options, _events, token).ConfigureAwait(false)), endsProcess: true);

    public void Finish() => _command.Finish(_pump, _command.Relay?.FirstOrDefault());
}
