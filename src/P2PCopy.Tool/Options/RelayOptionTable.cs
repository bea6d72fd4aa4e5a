using System.CommandLine;
using P2PCopy.Relay.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of <c>relay</c>.</summary>
internal sealed class RelayOptionTable
{
    private readonly OptionBinder<RelayOptions> _binder = new(RelayOptionList.All, new RelayOptions());

    public void AddTo(Command command) => _binder.AddTo(command);

    public RelayLogFormat LogFormat(ParseResult result)
        => Enum.TryParse(_binder.Text(result, "LogFormat"), ignoreCase: true, out RelayLogFormat format) ? format : RelayLogFormat.Text;

    /// <summary>The file for log lines; null for standard error.</summary>
    public string? LogPath(ParseResult result) => _binder.Text(result, "LogPath");

    public RelayOptions Apply(RelayOptions options, ParseResult result, ToolHost host)
    {
        options = _binder.Apply(host.Settings.Apply(options, P2PSettings.RelaySection, RelayOptionList.All), result);
        return options with { Token = options.Token ?? host.Variable("P2PCOPY_TOKEN") };
    }
}
