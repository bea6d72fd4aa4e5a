namespace P2PCopy.Tool.Display;

/// <summary>Adds to the error of a transfer that a user ended, on either side, how to resume it.</summary>
/// <param name="inner">Shows it.</param>
/// <param name="role">The role of this side.</param>
/// <param name="repeat">The command line that resumes the transfer, without the code.</param>
internal sealed class ResumableDisplay(ITransferDisplay inner, PeerRole role, string repeat) : DisplayDecorator(inner)
{
    private bool _hasMoved;

    public override bool HasBegun => base.HasBegun || _hasMoved;

    public override void Summary(TransferReport report)
    {
        _hasMoved |= report.ChunksTransferred > 0;
        base.Summary(report);
    }

    public override void Error(P2PException error)
        => base.Error(error is { Hint: null, Code: P2PErrorCode.Cancelled or P2PErrorCode.PeerAborted } && HasBegun
            ? new P2PException(error.Code, error.Message, error) { Hint = Hint }
            : error);

    // A generated code is used up, and the relay of a sender has a new port.
    private string Hint => role == PeerRole.Send
        ? $"To resume, run: {repeat}; then receive into the same folder again, with the code that it shows."
        : $"To resume, send again from the other machine; then run, with the code and the relay that it shows: {repeat}";
}
