using System.Threading.Channels;
using P2PCopy.Primitives;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>The common state of a session at the sender.</summary>
/// <param name="Session">The session.</param>
/// <param name="Options">The sender's options.</param>
/// <param name="Meter">The progress.</param>
/// <param name="Control">Control messages to the receiver.</param>
/// <param name="Messages">Control messages of the receiver, in order, without those that are handled at once.</param>
/// <param name="Pool">Buffers for the records of chunks.</param>
/// <param name="Encoder">Creates the records of chunks.</param>
/// <param name="Rate">The bandwidth limit; null without one.</param>
internal sealed record SendContext(
    PeerSession Session,
    SendOptions Options,
    TransferMeter Meter,
    ControlPort Control,
    ChannelReader<ControlMessage> Messages,
    BufferPool Pool,
    ChunkEncoder Encoder,
    TokenBucket? Rate)
{
    /// <summary>Whether trailers have the SHA-256 of the file.</summary>
    public bool Hash => Options.Hash == HashMode.On;
}
