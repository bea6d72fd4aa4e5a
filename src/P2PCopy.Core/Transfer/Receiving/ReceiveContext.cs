using System.Threading.Channels;
using P2PCopy.Files.Destination;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>What the parts of a receiving session share, from the settings on.</summary>
/// <param name="Session">The session.</param>
/// <param name="Options">The receiver's options.</param>
/// <param name="Sender">The sender's settings.</param>
/// <param name="Tree">The destination.</param>
/// <param name="Output">Takes the one file of the offer instead of the destination; null in the ordinary case.</param>
/// <param name="Report">What became of what was offered.</param>
/// <param name="Events">Told what happens.</param>
/// <param name="Meter">The progress.</param>
/// <param name="Control">The way to the sender.</param>
/// <param name="Messages">What the sender says next, but for what is seen at any time.</param>
internal sealed record ReceiveContext(
    PeerSession Session,
    ReceiveOptions Options,
    SettingsMessage Sender,
    DestinationTree Tree,
    StreamOutput? Output,
    ReportBook Report,
    EventSink Events,
    TransferMeter Meter,
    ControlPort Control,
    ChannelReader<ControlMessage> Messages)
{
    /// <summary>Lines of entries that failed in an earlier round, by name: what is offered again keeps its line.</summary>
    public Dictionary<string, int> FailedLines { get; } = new(StringComparer.Ordinal);
}
