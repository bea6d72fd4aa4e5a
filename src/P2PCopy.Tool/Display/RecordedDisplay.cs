using P2PCopy.Tool.Output;

namespace P2PCopy.Tool.Display;

/// <summary>Adds each transfer to the history when its summary is shown.</summary>
internal sealed class RecordedDisplay(ITransferDisplay inner, PeerRole role, HistoryFile history) : DisplayDecorator(inner)
{
    public override void OnEvent(TransferEvent transferEvent)
    {
        base.OnEvent(transferEvent);
        if (transferEvent is TransferEvent.Cancelled cancelled)
            history.Add(role, cancelled.Report);
    }

    public override void Summary(TransferReport report)
    {
        base.Summary(report);
        history.Add(role, report);
    }
}
