using P2PCopy.Session.Pairing;
using P2PCopy.Transfer.Options;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>The options that a sender and a receiver share. Immutable.</summary>
public abstract record TransferOptions : ConnectionOptions
{
    /// <summary>
    /// Relays, tried in order: <c>wss://host</c>, <c>wss://host/prefix</c>, <c>ws://host:port</c>.
    /// A side without one runs <see cref="EmbeddedRelay"/>, or finds that of the other side (<see cref="Discovery"/>).
    /// </summary>
    public IReadOnlyList<Uri> Relays { get; init; } = [];

    /// <summary>
    /// Runs a relay in this process: at once when <see cref="Relays"/> is empty, otherwise when the other side asks for one on a network
    /// of this machine (<see cref="Discovery"/>; on Windows not then). A receiver that has it does not look for a sender.
    /// </summary>
    public IRelayHost? EmbeddedRelay { get; init; }

    /// <summary>
    /// Whether the two sides find each other on one network, beside <see cref="Relays"/>. Null, the default, takes the environment
    /// variable <c>P2PCOPY_DISCOVERY</c>, or <see cref="DiscoveryMode.Auto"/> without one.
    /// </summary>
    public DiscoveryMode? Discovery { get; init; }

    /// <summary>
    /// Relays of <see cref="Relays"/> besides the first that also get <see cref="ConnectionOptions.Token"/>, because they belong
    /// to the same operator. None by default.
    /// </summary>
    public IReadOnlyList<Uri> TokenRelays { get; init; } = [];

    /// <summary>
    /// The shared code. A sender without one generates one and raises <see cref="TransferEvent.CodeGenerated"/>. It is in
    /// no log and in no error.
    /// </summary>
    public PairingCode? Code { get; init; }

    /// <summary>Accepts a <see cref="Code"/> whose secret counts as fewer than <see cref="PairingCode.MinimumSecretBits"/> bits.</summary>
    public bool AllowWeakCode { get; init; }

    /// <summary>
    /// Called after the pairing and before anything is offered, with four words that follow from the session key. Show them and
    /// return whether the other side shows the same words; false ends the session. Null does not ask.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<bool>>? Verify { get; init; }

    /// <summary>
    /// Whether chunk payloads are encrypted. <see cref="PayloadEncryption.Off"/> must be set on both sides; names,
    /// digests and receipts stay encrypted and authenticated even then.
    /// </summary>
    public PayloadEncryption Encryption { get; init; } = PayloadEncryption.On;

    /// <summary>
    /// Whether the two sides connect directly, past the relay. Null, the default, takes the environment variable
    /// <c>P2PCOPY_DIRECT</c>, or <see cref="DirectMode.Auto"/> without one.
    /// </summary>
    public DirectMode? Direct { get; init; }

    /// <summary>
    /// The TCP port of this machine for direct connections, for a firewall that opens it; parallel connections use the ports
    /// after it. 0, the default, takes any free one. From 1024.
    /// </summary>
    public int DirectPort { get; init; }

    /// <summary>Time to wait for the other side; zero or <see cref="Timeout.InfiniteTimeSpan"/> waits without limit.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time to try to reconnect after a lost connection; zero does not try.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time without data from the other side after which a connection counts as lost; 5 seconds to 1 hour.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Receives the events, one call at a time, on threads of the engine. It must return quickly and not throw.
    /// </summary>
    public Action<TransferEvent>? OnEvent { get; init; }

    internal DiscoveryMode DiscoverySetting => Discovery ?? TransferOptionList.DiscoveryOfEnvironment();

    internal DirectSettings DirectSettings => new(Direct ?? TransferOptionList.DirectOfEnvironment(), DirectPort);

    internal override RelayConnectorOptions ForRelays(IReadOnlyList<Uri> relays) => base.ForRelays(relays) with { TokenRelays = TokenRelays };

    /// <summary>Joins rooms; tests replace it.</summary>
    internal IRoomConnector? Connector { get; init; }

    /// <summary>The protocol version of this side; tests use later versions.</summary>
    internal ProtocolVersion Version { get; init; } = ProtocolVersion.Current;
}

/// <summary>Whether chunk payloads are encrypted.</summary>
public enum PayloadEncryption
{
    /// <summary>Everything is encrypted.</summary>
    On,

    /// <summary>Chunk payloads are sent unencrypted; everything else stays encrypted.</summary>
    Off,
}
