using P2PCopy.Primitives.Options;

namespace P2PCopy.Relay.Options;

/// <summary>Refuses options that cannot be used, before the relay listens.</summary>
internal static class RelayOptionsCheck
{
    /// <summary>Checks the range of each option and what options require of each other.</summary>
    /// <exception cref="P2PException">An option is out of its range, or options contradict each other.</exception>
    public static void Check(RelayOptions options)
    {
        if (options.Listen.Count == 0)
            throw Invalid("`Listen` names no address; leave it out for *:8765.");
        if (options.Key is not null && options.Certificate is null)
            throw Invalid("`Key` is given without `Certificate`; wss needs both.");
        if (options.ProxyProtocol && options.TrustedProxies.Count == 0)
            throw Invalid("`ProxyProtocol` needs `TrustedProxies`: without them no PROXY header is trusted.");
        foreach (OptionDefinitionOf<RelayOptions> definition in RelayOptionList.All)
            definition.Check(options);
    }

    private static P2PException Invalid(string message) => new(P2PErrorCode.InvalidOption, message);
}
