using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;
using P2PCopy.Transport;

namespace P2PCopy.Transfer.Options;

/// <summary>The options that a sender and a receiver share.</summary>
internal static class TransferOptionList
{
    private const string DirectVariable = "P2PCOPY_DIRECT";
    private const string DiscoveryVariable = "P2PCOPY_DISCOVERY";

    /// <summary>The mode of the environment for direct connections.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: the variable has another value.</exception>
    public static DirectMode DirectOfEnvironment() => OfEnvironment(DirectVariable, DirectMode.Auto);

    /// <summary>The mode of the environment for discovery.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: the variable has another value.</exception>
    public static DiscoveryMode DiscoveryOfEnvironment() => OfEnvironment(DiscoveryVariable, DiscoveryMode.Auto);

    /// <summary>The option of direct connections.</summary>
    public static OptionDefinitionOf<T> Direct<T>(string help, Func<T, DirectMode?> get, Func<T, DirectMode, T> set)
        where T : ConnectionOptions
        => new ChoiceOption<T, DirectMode>(nameof(TransferOptions.Direct), help, get, set) { Variable = DirectVariable, DefaultNote = "auto", Group = OptionGroup.Transfer };

    public static IReadOnlyList<OptionDefinitionOf<T>> For<T>()
        where T : TransferOptions
        =>
        [
            new ListOption<T, Uri>(
                nameof(TransferOptions.Relays), "Relay, wss://host[/prefix] or ws://host:port; several are tried in order",
                RelayConnector.AddressForm,
                RelayConnector.ParseAddress, o => o.Relays, (o, v) => o with { Relays = v })
            { Group = OptionGroup.Relay, ToolName = "--relay", ShortToolName = "-r", CmdletName = "Relay", ValueName = "uri", Variable = "P2PCOPY_RELAY" },
            new ListOption<T, Uri>(
                nameof(TransferOptions.TokenRelays), "Another relay of the list that also gets the token",
                RelayConnector.AddressForm,
                RelayConnector.ParseAddress, o => o.TokenRelays, (o, v) => o with { TokenRelays = v })
            { Group = OptionGroup.Relay, ToolName = "--token-relay", CmdletName = "TokenRelay", ValueName = "uri" },
            new FaceOption<T>(
                nameof(TransferOptions.Code), "The shared code, or - to read it from standard input. Other users may see a command line, so P2PCOPY_CODE is safer",
                OptionForm.Single)
            { Group = OptionGroup.Code, Faces = OptionFaces.All, ShortToolName = "-c", ValueName = "code", IsSecret = true },
            new FaceOption<T>("CodeFile", "Read the code from the first line of a file, such as a mounted secret", OptionForm.Single)
            { Group = OptionGroup.Code, ValueName = "file" },
            new FlagOption<T>(
                nameof(TransferOptions.AllowWeakCode), "Accept a code with fewer than 30 bits of secret",
                o => o.AllowWeakCode, (o, v) => o with { AllowWeakCode = v })
            { Group = OptionGroup.Code },
            new FaceOption<T>(
                nameof(TransferOptions.Verify), "Show four words and ask whether the other side shows the same; use it on both sides", OptionForm.Flag)
            { Group = OptionGroup.Code, Faces = OptionFaces.All },
            .. ConnectionOptionList.For<T>(),
            new ChoiceOption<T, PayloadEncryption>(
                nameof(TransferOptions.Encryption), "Whether file content is encrypted; off must be set on both sides",
                o => o.Encryption, (o, v) => o with { Encryption = v })
            { Group = OptionGroup.Code },
            Direct<T>("Whether the two sides connect directly, past the relay", o => o.Direct, (o, v) => o with { Direct = v }),
            new NumberOption<T>(
                nameof(TransferOptions.DirectPort), "TCP port of this machine for direct connections; 0 takes any", NumberKind.Count, (0, OptionLimits.MaxDirectPort),
                o => o.DirectPort, (o, v) => o with { DirectPort = (int)(v ?? 0) })
            { ValueName = "port", MinAboveZero = OptionLimits.MinDirectPort, Group = OptionGroup.Transfer },
            new ChoiceOption<T, DiscoveryMode>(
                nameof(TransferOptions.Discovery), "Whether the two sides find each other on one network, without a relay's address",
                o => o.Discovery, (o, v) => o with { Discovery = v })
            { Variable = DiscoveryVariable, DefaultNote = "auto", Group = OptionGroup.Relay },
            new FaceOption<T>("Listen", "Run a relay in this process, at this address", OptionForm.List)
            { Group = OptionGroup.Relay, ValueName = "address:port", DefaultNote = "a sender without a relay: every address of this machine" },
            new DurationOption<T>(
                nameof(TransferOptions.WaitTimeout), "Time to wait for the other side; 0 waits without limit", (0, OptionLimits.MaxWait),
                o => o.WaitTimeout, (o, v) => o with { WaitTimeout = v })
            { TakesInfinite = true },
            new DurationOption<T>(
                nameof(TransferOptions.RetryTimeout), "Time to try to reconnect after a lost connection", (0, OptionLimits.MaxWait),
                o => o.RetryTimeout, (o, v) => o with { RetryTimeout = v }),
            new DurationOption<T>(
                nameof(TransferOptions.SilenceTimeout), "Time without data from the other side after which a connection counts as lost",
                (OptionLimits.MinSilenceTimeout, OptionLimits.MaxSilenceTimeout),
                o => o.SilenceTimeout, (o, v) => o with { SilenceTimeout = v }),
        ];

    private static T OfEnvironment<T>(string variable, T usual)
        where T : struct, Enum
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrWhiteSpace(text))
            return usual;
        string[] names = Enum.GetNames<T>();
        return names.FirstOrDefault(name => name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new P2PException(P2PErrorCode.InvalidOption, $"{variable} takes {string.Join(" or ", string.Join(", ", names[..^1]).ToLowerInvariant(), names[^1].ToLowerInvariant())}, not '{VisibleText.Of(text, limit: 40)}'.");
    }
}
