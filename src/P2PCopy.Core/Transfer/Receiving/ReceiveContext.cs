using System.Threading.Channels;
using P2PCopy.Files.Destination;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>The common state of a session at the receiver.</summary>
/// <param name="Session">The session.</param>
/// <param name="Run">State of the run, which can have several sessions.</param>
/// <param name="Options">The receiver's options.</param>
/// <param name="Sender">The sender's settings.</param>
/// <param name="Tree">The destination.</param>
/// <param name="Output">Receives the one file of the offer instead of the destination; usually null.</param>
/// <param name="Report">The result of every entry.</param>
/// <param name="Events">Receives events.</param>
/// <param name="Meter">The progress.</param>
/// <param name="Watch">Detects a sender that makes no progress.</param>
/// <param name="Control">Control messages to the sender.</param>
/// <param name="Messages">Control messages of the sender, in order, without those that are handled at once.</param>
internal sealed record ReceiveContext(
    PeerSession Session,
    RunMemory Run,
    ReceiveOptions Options,
    SettingsMessage Sender,
    DestinationTree Tree,
    StreamOutput? Output,
    ReportBook Report,
    EventSink Events,
    TransferMeter Meter,
    StallWatch Watch,
    ControlPort Control,
    ChannelReader<ControlMessage> Messages)
{
    /// <summary>The files of this session that may be offered once more.</summary>
    public RetryTable Retries { get; } = new();
}
