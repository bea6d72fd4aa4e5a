using System.CommandLine;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Settings;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy config</c>: shows the effective value of each option, and where it comes from.</summary>
internal static class ConfigCommand
{
    public const string Name = "config";
    public const string Description = "Show the settings file, and each value that is in force with its source";

    public static Command Create(ToolHost host)
    {
        Option<bool> all = Define.Flag("--all", "Also show options that have their default");
        var command = new Command(Name, Description) { all };
        command.SetAction((result, cancellationToken) =>
        {
            var display = new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: false, LinesToError: true));
            return TransferRun.ExecuteAsync(display, _ => Task.FromResult(Show(host, result.GetValue(all))), cancellationToken);
        });
        return command;
    }

    private static int Show(ToolHost host, bool all)
    {
        P2PSettings settings = host.Settings;
        string? usual = SettingsLocation.Find(host.Variable);
        host.Out.WriteLine(settings.File is { } file ? $"Settings file: {HumanText.Safe(file)}"
            : usual is null ? "Settings file: none"
            : $"Settings file: {HumanText.Safe(usual)} (does not exist)");
        if (settings.File is null && usual is not null)
            host.Out.WriteLine("\nTo use a relay without an option each time, write this to the file:\n\n    { \"relay\": \"wss://relay.example\" }");
        foreach (RelaySetting relay in settings.Relays.Values)
            host.Out.WriteLine($"Relay {HumanText.Safe(relay.Name)}: {relay.Address.AbsoluteUri.TrimEnd('/')}{(relay.TokenFile is null ? string.Empty : $", token in {HumanText.Safe(relay.TokenFile)}")}");

        RelayOptions relayOptions = settings.Apply(new RelayOptions(), P2PSettings.RelaySection, RelayOptionList.All);
        Section(host, "send", P2PSettings.SendSection, settings.Send, [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All], all);
        Section(host, "receive", P2PSettings.ReceiveSection, settings.Receive, [.. TransferOptionList.For<ReceiveOptions>(), .. ReceiveOptionList.All], all);
        Section(host, "relay", P2PSettings.RelaySection, relayOptions, RelayOptionList.All, all);
        return 0;
    }

    private static void Section<T>(ToolHost host, string title, string section, T options, IReadOnlyList<OptionDefinitionOf<T>> definitions, bool all)
    {
        var rows = new List<(string Name, string Value, string Source)>();
        foreach (OptionDefinitionOf<T> definition in definitions.Where(d => d.Has(OptionFaces.Tool)))
        {
            if (definition.Variable is { } variable && host.Variable(variable) is { } ofEnvironment)
                rows.Add((definition.ToolName, definition.IsSecret ? "***" : ofEnvironment, variable));
            else if (EntryOf(host.Settings, section, definition) is { } entry)
                rows.Add((definition.ToolName, string.Join(", ", entry.Texts), $"settings, line {entry.Line}"));
            else if (all && definition.DefaultText(options) is { } value)
                rows.Add((definition.ToolName, value, "default"));
        }

        if (rows.Count == 0)
            return;
        host.Out.WriteLine();
        host.Out.WriteLine($"p2pcopy {title}:");
        int nameWidth = rows.Max(r => r.Name.Length), valueWidth = rows.Max(r => Math.Min(40, HumanText.Columns(HumanText.Safe(r.Value))));
        foreach ((string name, string value, string source) in rows)
        {
            string safe = HumanText.Safe(value);
            host.Out.WriteLine($"  {name.PadRight(nameWidth)}  {safe}{new string(' ', Math.Max(0, valueWidth - HumanText.Columns(safe)))}  {source}");
        }
    }

    /// <summary>The entry of the section, or else of every section; the last one that sets the option.</summary>
    private static SettingsEntry? EntryOf(P2PSettings settings, string section, OptionDefinition definition)
    {
        string name = definition.ToolName == "--relay" ? "relay" : P2PSettings.NameOf(definition);
        bool isShared = section != P2PSettings.RelaySection;
        return settings.Entries.LastOrDefault(e => e.Path.Count == 2 && e.Path[0] == section && e.Name == name)
            ?? settings.Entries.LastOrDefault(e => isShared && e.Path.Count == 1 && e.Name == name);
    }
}
