using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Relay.Options;

namespace P2PCopy.Module;

/// <summary>The settings file of one command.</summary>
internal sealed class CommandSettings(P2PSettings settings) : ICommandSettings
{
    public Uri[] UsualRelays { get; } = [.. settings.Send.Relays];

    public Uri? RelayOf(string name) => settings.RelayOf(name);

    /// <summary>The settings that a command has read.</summary>
    public static P2PSettings Of(P2PCommand command) => ((CommandSettings)command.Settings).All;

    /// <summary>The settings of a relay; an entry that a relay cannot have ends the command.</summary>
    public static RelayOptions OfRelay(P2PCommand command)
    {
        try
        {
            return Of(command).Apply(new RelayOptions(), P2PSettings.RelaySection, RelayOptionList.All);
        }
        catch (P2PException e)
        {
            command.ThrowTerminatingError(ErrorMapper.Session(e, target: null));
            throw;
        }
    }

    private P2PSettings All => settings;
}
