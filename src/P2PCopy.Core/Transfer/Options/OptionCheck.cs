using P2PCopy.Files.Platform;
using P2PCopy.Primitives;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Options;

/// <summary>Refuses options that cannot be used, before anything is touched.</summary>
internal static class OptionCheck
{
    private const int LongestWait = 365 * 24 * 3600;

    public static void Connection(ConnectionOptions options)
    {
        InRange(nameof(options.ConnectionTimeoutSeconds), options.ConnectionTimeoutSeconds, 1, 3600);
        // It travels in a header, where a line break would begin another one. Not shown: it is a secret.
        if (options.Token is { } token && token.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw Invalid("`Token` has a line break or a character outside ASCII; give it as the relay has it, in letters, digits and signs.");
    }

    public static void Test(RelayTestOptions options)
    {
        Connection(options);
        InRange(nameof(options.MeasureSeconds), options.MeasureSeconds, 0, RelayTestOptions.LongestMeasure);
    }

    public static void Common(TransferOptions options)
    {
        Connection(options);
        InRange(nameof(options.WaitTimeoutSeconds), options.WaitTimeoutSeconds, 0, LongestWait);
        InRange(nameof(options.RetryTimeoutSeconds), options.RetryTimeoutSeconds, 0, LongestWait);
        InRange(nameof(options.SilenceTimeoutSeconds), options.SilenceTimeoutSeconds, 5, 3600);
    }

    public static void Send(SendOptions options)
    {
        Common(options);
        InRange(nameof(options.ChunkSize), options.ChunkSize, ChunkSizes.Smallest, ChunkSizes.Largest);
        InRange(nameof(options.Streams), options.Streams, 0, PeerSession.MaxStreams);
        InRange(nameof(options.BandwidthLimit), options.BandwidthLimit, 0, long.MaxValue);
        if (options.Hash == HashMode.Off && options.Encryption == PayloadEncryption.Off)
            throw Invalid("`Hash Off` needs `Encryption On`: without both nothing would notice altered content.");
        if (options.InputObject is null == options.Path.Count is 0)
            throw Invalid(options.InputObject is null ? "There is nothing to send: give Path, or InputObject with Name." : "Give Path or InputObject, not both.");
        if (options.SenderName.Length > SettingsMessage.MaxNameLength)
            throw Invalid($"`SenderName` has {options.SenderName.Length} characters; it can have {SettingsMessage.MaxNameLength}.");
        if (options.InputObject is null != options.Name is null)
            throw Invalid("InputObject and Name belong together: give both or none.");
        if (options.Relay.Count == 0 && options.EmbeddedRelay is null && options.Connector is null)
            throw Invalid("There is no relay to meet at: give Relay, or EmbeddedRelay (new EmbeddedRelay() of P2PCopy.Relay) to run one here.");
    }

    public static void Receive(ReceiveOptions options)
    {
        Common(options);
        InRange(nameof(options.ModifyWindowSeconds), options.ModifyWindowSeconds, 0, 86400);
        InRange(nameof(options.DrainTimeoutSeconds), options.DrainTimeoutSeconds, 0, 86400);
        InRange(nameof(options.StallTimeoutSeconds), options.StallTimeoutSeconds, 0, LongestWait);
        InRange(nameof(options.MaxFiles), options.MaxFiles ?? 0, 0, long.MaxValue);
        InRange(nameof(options.MaxSize), options.MaxSize ?? 0, 0, long.MaxValue);
        if (options.OutputStream is not null && options.Encryption == PayloadEncryption.Off)
            throw Invalid("An output stream needs `Encryption On`: its reader takes the content before the end proves that it was not altered. Receive into a folder, or turn encryption on.");
        if (options.Relay.Count == 0 && options.Connector is null)
            throw Invalid("There is no relay to meet at: give `Relay`, the address that the sender shows.");
        if (options.Code is null)
            throw Invalid("There is no code: give `Code`, the one that the sender shows.");
        if (options.Destination.Length == 0)
            throw Invalid("`Destination` is empty: give a folder.");
        if (options.OutputStream is null && FileStat.TryRead(options.Destination, followLinks: true, out FileStat stat, out _) && stat.Kind != FileStatKind.Folder)
            throw Invalid($"The destination \"{VisibleText.Name(options.Destination)}\" is not a folder.");
    }

    /// <summary>What a standing receiver asks for beyond <see cref="Receive"/>.</summary>
    public static void Standing(ReceiveOptions options)
    {
        Receive(options);
        if (options.OutputStream is not null)
            throw Invalid("A standing receiver writes files: an output stream takes one transfer.");
        PairingCode code = PairingCode.Parse(options.Code!);
        if (code.SecretBits < PairingCode.StandingSecretBits)
        {
            throw Invalid(
                $"The code is too weak for a standing receiver, which strangers can try for months: its secret counts as {code.SecretBits:0} bits of the {PairingCode.StandingSecretBits} that it needs. "
                + $"Make one with {PairingCode.StandingWordCount} words (p2pcopy code --words {PairingCode.StandingWordCount}, New-P2PCode -Words {PairingCode.StandingWordCount}).");
        }
    }

    private static void InRange(string name, long value, long smallest, long largest)
    {
        if (value < smallest || value > largest)
            throw Invalid($"`{name}` is {value}; it can be {smallest} to {largest}.");
    }

    private static P2PException Invalid(string message) => new(P2PErrorCode.InvalidOption, message);
}
