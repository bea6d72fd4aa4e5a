using System.Net;

namespace P2PCopy;

/// <summary>Something a person or a log wants to know while a transfer runs.</summary>
public abstract record TransferEvent
{
    private TransferEvent()
    {
    }

    /// <summary>A sender without a code generated one. Show it to a person; do not log it.</summary>
    /// <param name="Code">The code; <see cref="PairingCode.Reveal"/> returns the text.</param>
    public sealed record CodeGenerated(PairingCode Code) : TransferEvent
    {
        /// <summary>The relays of this side's options; empty with an embedded relay, whose addresses are in <see cref="Listening"/>.</summary>
        public IReadOnlyList<Uri> Relays { get; init; } = [];
    }

    /// <summary>The embedded relay listens.</summary>
    /// <param name="Addresses">What the other side may dial, most likely first.</param>
    public sealed record Listening(IReadOnlyList<Uri> Addresses) : TransferEvent
    {
        /// <summary>True if a machine on the same network finds this relay by the code alone (<see cref="TransferOptions.Discovery"/>).</summary>
        public bool AnswersDiscovery { get; init; }
    }

    /// <summary>No other side answered on the networks of this machine (<see cref="TransferOptions.Discovery"/>); the wait goes on.</summary>
    /// <param name="Message">A sentence with what was asked.</param>
    /// <param name="Hint">A sentence with what to do.</param>
    public sealed record NothingFound(string Message, string Hint) : TransferEvent;

    /// <summary>Joined the relay; the other side is not there yet.</summary>
    public sealed record Waiting : TransferEvent;

    /// <summary>Both sides proved that they know the code.</summary>
    public sealed record Paired : TransferEvent;

    /// <summary>The other side used a different code, or left before it proved the code; this side continues to wait.</summary>
    /// <param name="Attempts">How many so far.</param>
    /// <param name="BackOff">How long new attempts are blocked now: at first 2 s, at most 2 minutes.</param>
    public sealed record WrongCode(int Attempts, TimeSpan BackOff) : TransferEvent;

    /// <summary>The offer is complete: what will be transferred.</summary>
    /// <param name="Offer">Count and size.</param>
    public sealed record Offered(TransferOffer Offer) : TransferEvent;

    /// <summary>The connection was lost; reconnecting.</summary>
    /// <param name="Reason">What happened.</param>
    public sealed record Reconnecting(string Reason) : TransferEvent;

    /// <summary>The connection is back.</summary>
    public sealed record Reconnected : TransferEvent;

    /// <summary>The content takes another path from now on.</summary>
    /// <param name="Direct">The address of the other side; null if it goes through the relay again.</param>
    public sealed record PathChanged(IPAddress? Direct) : TransferEvent;

    /// <summary>An address that the other side offered is dialled.</summary>
    /// <param name="Address">The address and port.</param>
    public sealed record Dialling(IPEndPoint Address) : TransferEvent;

    /// <summary>An entry of the offer has its result.</summary>
    /// <param name="File">The result.</param>
    public sealed record FileCompleted(FileReport File) : TransferEvent;

    /// <summary>This side was cancelled after it had joined; an <see cref="OperationCanceledException"/> follows.</summary>
    /// <param name="Report">What was done until then.</param>
    public sealed record Cancelled(TransferReport Report) : TransferEvent;

    /// <summary>A surprise that is no error: a link left out, a time that could not be set.</summary>
    /// <param name="Message">A sentence.</param>
    /// <param name="Hint">A sentence with what to do; null if there is no advice.</param>
    public sealed record Warning(string Message, string? Hint = null) : TransferEvent;
}
