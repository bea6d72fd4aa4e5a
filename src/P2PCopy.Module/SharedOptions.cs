using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Module;

/// <summary>Converts parameters to options of the engine. An option without a parameter keeps the default of the engine.</summary>
internal static class SharedOptions
{
    public static T Apply<T>(T options, IEnumerable<OptionDefinitionOf<T>> definitions, IDictionary<string, object> given)
    {
        foreach (OptionDefinitionOf<T> definition in definitions)
        {
            if (definition.Has(OptionFaces.Cmdlet) && given.TryGetValue(definition.CmdletName, out object? value) && value is not null)
                options = definition.Set(options, Plain(value));
        }

        return options;
    }

    /// <summary>A relay in this process, at these addresses or at every address of this machine.</summary>
    public static EmbeddedRelay Embedded(string[]? listen)
        => listen is { Length: > 0 } ? new EmbeddedRelay(new RelayOptions { Listen = listen }) : new EmbeddedRelay();

    /// <summary>Values that may come from a file, the environment or a path of PowerShell.</summary>
    public static T Connection<T>(T options, RelayClientCommand command)
        where T : ConnectionOptions
        => options with { Token = Secret(command.Token), CaFile = command.CaFile ?? options.CaFile };

    /// <inheritdoc cref="Connection"/>
    public static T Transfer<T>(T options, TransferCommand command)
        where T : TransferOptions
        => WithTokenOfSettings(Connection(options, command) with { Relays = command.Relay ?? [], Code = Code(command) }, command, command.Relay?.FirstOrDefault());

    /// <summary>The options with the token that the settings give to a relay, unless the command has one.</summary>
    public static T WithTokenOfSettings<T>(T options, RelayClientCommand command, Uri? relay)
        where T : ConnectionOptions
        => options.Token is null && CommandSettings.Of(command).TokenFileOf(relay) is { } file ? options with { Token = Secret(command.FromFile(file, "tokenFile in the settings")) } : options;

    private static PairingCode? Code(TransferCommand command)
    {
        try
        {
            return command.Code is { } code ? PairingCode.Parse(SecretAttribute.ToText(code)) : null;
        }
        catch (P2PException e)
        {
            command.ThrowTerminatingError(ErrorMapper.Session(e, target: null));
            throw;
        }
    }

    /// <summary>Asks about the verification words; null without -Verify.</summary>
    public static Func<string, CancellationToken, ValueTask<bool>>? Verify(TransferCommand command, CommandPump pump)
        => command.Verify ? async (words, token) => await pump.AskAsync(_ => command.ConfirmWords(words), token).ConfigureAwait(false) : null;

    public static Secret? Secret(SecureString? secret) => secret is null ? null : new Secret(SecretAttribute.ToText(secret));

    private static object Plain(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        SwitchParameter on => on.IsPresent,
        SecureString secret => new Secret(SecretAttribute.ToText(secret)),
        PSCredential credential => credential.GetNetworkCredential(),
        var other => other,
    };
}
