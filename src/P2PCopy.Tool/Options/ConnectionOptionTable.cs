using System.CommandLine;
using P2PCopy.Tool.Codes;
using P2PCopy.Transport;

namespace P2PCopy.Tool.Options;

/// <summary>Reads tokens and relays from files and from the environment.</summary>
internal static class ConnectionOptionTable
{
    private const string Token = nameof(ConnectionOptions.Token);
    private const string TokenFile = "TokenFile";

    public static void AddChecks<T>(Command command, OptionBinder<T> binder)
        => command.Validators.Add(SecretSource.GivenOnce(binder[Token], binder[TokenFile]));

    /// <summary>The options with the token of the file, of the environment or of the settings, if none is on the command line.</summary>
    public static T WithToken<T>(T options, Uri? relay, OptionBinder<T> binder, ParseResult result, ToolHost host)
        where T : ConnectionOptions
        => options with
        {
            Token = SecretSource.Find(options.Token?.Reveal(), ("--token-file", binder.Text(result, TokenFile)), host.Variable("P2PCOPY_TOKEN"))
                ?? SecretSource.Find(null, ("tokenFile in the settings:", host.Settings.TokenFileOf(relay)), null),
        };

    /// <summary>The relays of the environment.</summary>
    public static Uri[] RelaysOfEnvironment(ToolHost host)
        => Relays((host.Variable("P2PCOPY_RELAY") ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), "P2PCOPY_RELAY");

    public static Uri[] Relays(IEnumerable<string> texts, string source)
        => [.. texts.Select(text => RelayConnector.ParseAddress(text) ?? throw new P2PException(
            P2PErrorCode.InvalidOption, $"{source} has '{text}', which is not the address of a relay.") { Hint = $"Use {RelayConnector.AddressForm}." })];
}
