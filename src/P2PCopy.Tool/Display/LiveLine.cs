namespace P2PCopy.Tool.Display;

/// <summary>A progress line on a terminal, erased at the end; nothing elsewhere.</summary>
internal sealed class LiveLine(ToolHost host) : IProgress<TransferProgress>
{
    public void Report(TransferProgress value)
    {
        if (!host.HasLiveLine)
            return;

        string line = value.Phase is TransferPhase.Completed or TransferPhase.Waiting
            ? string.Empty
            : ProgressLine.Format(value, PeerRole.Send, host.ErrorColumns);
        host.Error.Write("\r" + line + "\u001b[K");
    }
}
