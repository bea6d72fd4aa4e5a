using P2PCopy.Primitives.Options;

namespace P2PCopy.Relay.Options;

/// <summary>Refuses options that cannot be used, before the relay listens.</summary>
internal static class RelayOptionsCheck
{
    /// <summary>Checks the range of each option, and options that require other options.</summary>
    /// <exception cref="P2PException">An option is out of its range, or options contradict each other.</exception>
    public static void Check(RelayOptions options)
    {
        if (options.Listen.Count == 0)
            throw Invalid("`Listen` names no address.", "Omit it to listen at *:8765.");
        if (options.Key is not null && options.Certificate is null)
            throw Invalid("`Key` is given without `Certificate`.", "Set both for wss, or neither.");
        if (options.ProxyProtocol && options.TrustedProxies.Count == 0)
            throw Invalid("`ProxyProtocol` is set without `TrustedProxies`, so no PROXY header would be trusted.", "Set `TrustedProxies` to the addresses of the proxies.");
        foreach (OptionDefinitionOf<RelayOptions> definition in RelayOptionList.All)
            definition.Check(options);
    }

    private static P2PException Invalid(string message, string hint) => new(P2PErrorCode.InvalidOption, message) { Hint = hint };
}
