namespace P2PCopy.Transfer.Sending;

/// <summary>
/// The caller's stream that is sent. A second session must begin at its start, because the data that the first one has read
/// from a pipe is gone, and the rest alone would look complete.
/// </summary>
internal sealed class StreamInput(Stream stream)
{
    private readonly long _start = stream.CanSeek ? stream.Position : -1;
    private bool _isBegun;

    /// <summary>To be called before every session.</summary>
    /// <exception cref="P2PException">The data cannot be read again.</exception>
    public void Begin()
    {
        if (_isBegun && _start < 0)
        {
            throw new P2PException(
                P2PErrorCode.ConnectionLost,
                "The receiver was started again in the middle of a stream, which cannot be read a second time.")
            {
                Hint = "Start both sides again.",
            };
        }

        if (_isBegun)
            stream.Position = _start;
        _isBegun = true;
    }
}
