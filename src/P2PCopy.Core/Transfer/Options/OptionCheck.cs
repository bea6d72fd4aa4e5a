using P2PCopy.Compression;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;
using P2PCopy.Transport;

namespace P2PCopy.Transfer.Options;

/// <summary>Refuses options that cannot be used, before any file is scanned and any address is used.</summary>
internal static class OptionCheck
{
    public static void Test(RelayTestOptions options)
    {
        Ranges(RelayTestOptionList.All, options);
        RelayConnector.Check(options.ForRelays([options.Relay]));
    }

    public static void Send(SendOptions options)
    {
        Ranges(TransferOptionList.For<SendOptions>(), options);
        Ranges(SendOptionList.All, options);
        if (options.Hash == HashMode.Off && options.Encryption == PayloadEncryption.Off)
            throw Invalid("`Hash Off` needs `Encryption On`, because without both altered content would not be noticed.", "Turn one of them on.");
        Codec(options.CompressionCodec, ChunkCodecs.Available);
        Code(options);
        if (options.InputStream is null && options.Paths.Count == 0)
            throw Invalid("There is nothing to send.", "Set Paths, or InputStream with Name.");
        if (options.InputStream is not null && options.Paths.Count > 0)
            throw Invalid("Paths and InputStream are both set.", "Set one of them.");
        if (options.InputStream is null != options.Name is null)
            throw Invalid("Only one of InputStream and Name is set.", "Set both or neither.");
        if (options.Name is { } name && WireName.Objection(name, NameRules.Posix) is { } objection)
            throw Invalid($"The name \"{VisibleText.Name(name)}\" {objection}.", "Choose another `Name`.");
        Relays(options);
    }

    /// <summary>Refuses a codec that this side does not have before it waits for the other side.</summary>
    /// <exception cref="P2PException">It is not available.</exception>
    public static void Codec(CompressionCodec? codec, IReadOnlyList<IChunkCodec> available)
    {
        CodecId id = codec == CompressionCodec.Gzip ? CodecId.Gzip : CodecId.Zstd;
        if (codec is not null && available.All(a => a.Id != id))
            throw Invalid($"`CompressionCodec {codec}` was requested, but this machine does not have it.", "Omit the option.");
    }

    public static void Receive(ReceiveOptions options)
    {
        Ranges(TransferOptionList.For<ReceiveOptions>(), options);
        Ranges(ReceiveOptionList.All, options);
        if (options.OutputStream is not null && options.Encryption == PayloadEncryption.Off)
            throw Invalid("An output stream needs `Encryption On`, because its reader uses the content before the end proves that it was not altered.", "Receive into a folder, or turn encryption on.");
        if (options.OutputStream is not null && options.Durable == true)
            throw Invalid("An output stream cannot be written through to the disk (`Durable`).", "Receive into a folder, or omit the option.");
        if (options.Code is null)
            throw Invalid("There is no code.", "Set `Code` to the code that the sender shows.");
        Code(options);
        if (options.OnConflict == ConflictPolicy.Ask && options.ResolveConflict is null)
            throw Invalid("`OnConflict Ask` needs someone who can be asked.", "Set ResolveConflict, or choose another `OnConflict`.");
        Relays(options);
        if (options.OutputStream is null)
            DestinationCheck.Refuse(options.Destination);
    }

    /// <summary>The further conditions of a standing receiver.</summary>
    public static void Standing(ReceiveOptions options)
    {
        Receive(options);
        if (options.OutputStream is not null)
            throw Invalid("A standing receiver cannot use an output stream, which takes one transfer.", "Receive into a folder.");
        if (options.Verify is not null)
            throw Invalid("`Verify` asks a person, so a standing receiver cannot use it.", "Omit it.");
        if (options.OnConflict == ConflictPolicy.Ask)
            throw Invalid("`OnConflict Ask` asks a person, so a standing receiver cannot use it.", "Choose another `OnConflict`.");
        PairingCode code = options.Code!;
        if (code.SecretBits < PairingCode.StandingSecretBits)
        {
            throw Invalid(
                $"The code is too weak for a standing receiver, where an attacker can guess for months: its secret counts as {code.SecretBits:0} bits, and {PairingCode.StandingSecretBits} are required.",
                $"Generate one with {PairingCode.StandingWordCount} words (p2pcopy code --words {PairingCode.StandingWordCount}, New-P2PCode -Words {PairingCode.StandingWordCount}).");
        }
    }

    private static void Ranges<T>(IReadOnlyList<OptionDefinitionOf<T>> definitions, T options)
    {
        foreach (OptionDefinitionOf<T> definition in definitions)
            definition.Check(options);
    }

    private static void Code(TransferOptions options)
    {
        if (options.AllowWeakCode || options.Code?.TransferBits is not (< PairingCode.MinimumSecretBits and var bits))
            return;
        throw Invalid(
            $"The code is too weak: its secret counts as {bits:0} bits, and {PairingCode.MinimumSecretBits} are required, because the relay can guess.",
            "Use a generated code (p2pcopy code, New-P2PCode) or a longer secret, or set `AllowWeakCode` to accept this one.");
    }

    /// <summary>Refuses relays that cannot be used, and a side that has none and finds none.</summary>
    /// <exception cref="P2PException">They cannot be used.</exception>
    public static void Relays(TransferOptions options)
    {
        if (options.Relays.Count == 0 && options.EmbeddedRelay is null && options.Connector is null && options.DiscoverySetting == DiscoveryMode.Off)
        {
            throw Invalid("There is no relay.", options is ReceiveOptions
                ? "Set `Relays` to the address that the sender shows, or allow `Discovery`."
                : "Set Relays, or set EmbeddedRelay to a new EmbeddedRelay() of P2PCopy.Relay to run one in this process.");
        }

        if (options.Relays.Count > 0 && options.Connector is null)
            RelayConnector.Check(options.ForRelays(options.Relays));
    }

    private static P2PException Invalid(string message, string hint) => new(P2PErrorCode.InvalidOption, message) { Hint = hint };
}
