using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>What a sender and a receiver have in common. Immutable; every default is the documented one.</summary>
public abstract record TransferOptions : ConnectionOptions
{
    /// <summary>
    /// Relays to dial, tried in order: <c>wss://host</c>, <c>wss://host/prefix</c>, <c>ws://host:port</c>.
    /// A receiver needs one; a sender without one runs <see cref="SendOptions.EmbeddedRelay"/>.
    /// </summary>
    public IReadOnlyList<Uri> Relay { get; init; } = [];

    /// <summary>
    /// The shared code, <c>ROUTE-SECRET</c>, at least 8 characters of which 4 are secret. A sender without one makes one
    /// and tells it in <see cref="TransferEvent.CodeGenerated"/>. Never logged, never in an error.
    /// </summary>
    public string? Code { get; init; }

    /// <summary>
    /// Whether chunk payloads are encrypted. <see cref="PayloadEncryption.Off"/> must be set on both sides; names,
    /// digests and receipts stay encrypted and authenticated even then.
    /// </summary>
    public PayloadEncryption Encryption { get; init; } = PayloadEncryption.On;

    /// <summary>Seconds to wait for the other side to come; 0 waits for ever.</summary>
    public int WaitTimeoutSeconds { get; init; } = 3600;

    /// <summary>Seconds to go on trying after a lost connection; 0 does not try.</summary>
    public int RetryTimeoutSeconds { get; init; } = 300;

    /// <summary>Seconds without a sign of the other side after which a connection counts as lost; 5 to 3600.</summary>
    public int SilenceTimeoutSeconds { get; init; } = 30;

    /// <summary>
    /// Told what happens, one call at a time, from threads of the engine; it must return quickly and not throw.
    /// </summary>
    public Action<TransferEvent>? OnEvent { get; init; }

    /// <summary>The way to rooms; replaced in tests.</summary>
    internal IRoomConnector? Connector { get; init; }

    /// <summary>What this side says it speaks; another in tests, which play a later version.</summary>
    internal ProtocolVersion Version { get; init; } = ProtocolVersion.Current;
}

/// <summary>Whether chunk payloads are encrypted.</summary>
public enum PayloadEncryption
{
    /// <summary>Everything is encrypted.</summary>
    On,

    /// <summary>Chunk payloads travel in clear; everything else stays encrypted.</summary>
    Off,
}
