using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;
using P2PCopy.Settings;
using P2PCopy.Transfer.Options;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>
/// The user's settings file: relays by name, and defaults for options. It contains no secret;
/// a token is in a separate file. docs/settings.md describes the format.
/// </summary>
/// <example><c>SendOptions options = P2PSettings.Load().Send with { Paths = ["results"] };</c></example>
public sealed class P2PSettings
{
    internal const string SendSection = "send";
    internal const string ReceiveSection = "receive";
    internal const string RelaySection = "relayServer";
    private const string RelaysSection = "relays";
    private const string RelayName = "relay";
    private const string TokenFileName = "tokenFile";
    private const string AddressName = "address";
    private const string HistoryName = "history";

    private readonly List<SettingsEntry> _entries;
    private readonly Dictionary<string, RelaySetting> _relays = new(StringComparer.Ordinal);
    private readonly List<RelaySetting> _usual = [];
    private readonly Func<string, string?> _environment;

    private P2PSettings(string? file, List<SettingsEntry> entries, Func<string, string?> environment)
    {
        _environment = environment;
        File = file;
        _entries = entries;
        ReadRelays();
        KeepsHistory = ReadHistory();
        Send = ApplyShared(new SendOptions(), SendSection, SendOptionList.All);
        Receive = ApplyShared(new ReceiveOptions(), ReceiveSection, ReceiveOptionList.All);
    }

    /// <summary>The path of the file; null without one.</summary>
    public string? File { get; }

    /// <summary>The defaults of a sender.</summary>
    public SendOptions Send { get; }

    /// <summary>The defaults of a receiver.</summary>
    public ReceiveOptions Receive { get; }

    /// <summary>Whether the tool keeps a list of the last transfers.</summary>
    internal bool KeepsHistory { get; }

    internal IReadOnlyList<SettingsEntry> Entries => _entries;

    internal IReadOnlyDictionary<string, RelaySetting> Relays => _relays;

    /// <summary>Reads a settings file.</summary>
    /// <param name="path">
    /// Its path; null reads the user's file: <c>P2PCOPY_CONFIG</c>, else <c>p2pcopy/config.json</c> in <c>XDG_CONFIG_HOME</c>,
    /// <c>~/.config</c> or, on Windows, <c>%APPDATA%</c>. If that does not exist, every setting has its default.
    /// </param>
    /// <returns>The settings.</returns>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.InvalidOption"/>: the file cannot be read, other users can change it, or an entry is wrong; with its line.
    /// </exception>
    public static P2PSettings Load(string? path = null)
    {
        bool isGiven = path is not null || Environment.GetEnvironmentVariable(SettingsLocation.Variable) is { Length: > 0 };
        return Load(path ?? SettingsLocation.Find(Environment.GetEnvironmentVariable), isGiven, Environment.GetEnvironmentVariable);
    }

    /// <summary>Reads a settings file.</summary>
    /// <param name="path">Its path; null for no file.</param>
    /// <param name="mustExist">Whether a file that does not exist is an error.</param>
    /// <param name="environment">Returns a variable of the environment, which wins over the file; null or empty if it is not set.</param>
    internal static P2PSettings Load(string? path, bool mustExist, Func<string, string?> environment)
    {
        if (path is null)
            return new P2PSettings(null, [], environment);
        try
        {
            byte[] json = System.IO.File.ReadAllBytes(path);
            if (SecretFile.ChangeProblem(path) is { } problem)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The settings file {path} is not used: {problem}") { Hint = SecretFile.ChangeHint(path) };
            return new P2PSettings(path, SettingsReader.Read(json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json, path), environment);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !mustExist)
        {
            return new P2PSettings(null, [], environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"The settings file {path} could not be read: {e.Message}", e);
        }
    }

    /// <summary>The options of a test of a relay, with what the settings say of every connection.</summary>
    internal RelayTestOptions ForTest(Uri relay) => new()
    {
        Relay = relay,
        CaFile = Send.CaFile,
        PinnedCertificate = Send.PinnedCertificate,
        SkipCertificateCheck = Send.SkipCertificateCheck,
        Proxy = Send.Proxy,
        ConnectionTimeout = Send.ConnectionTimeout,
    };

    /// <summary>The relay with this name; null if there is none.</summary>
    internal Uri? RelayOf(string name) => _relays.TryGetValue(name, out RelaySetting? relay) ? relay.Address : null;

    /// <summary>
    /// The file of the token for a relay; null if the settings give this relay none. A token belongs to its relay, so another
    /// relay on the command line does not get it.
    /// </summary>
    internal string? TokenFileOf(Uri? relay)
        => relay is null ? null : _usual.Concat(_relays.Values).FirstOrDefault(r => r.Address == relay && r.TokenFile is not null)?.TokenFile;

    /// <summary>Options with the settings of a section.</summary>
    internal T Apply<T>(T options, string section, IReadOnlyList<OptionDefinitionOf<T>> definitions)
    {
        foreach (SettingsEntry entry in _entries.Where(e => e.Path.Count == 2 && e.Path[0] == section))
            options = Apply(options, entry, definitions, section);
        return options;
    }

    private T ApplyShared<T>(T options, string section, IReadOnlyList<OptionDefinitionOf<T>> own)
        where T : TransferOptions
    {
        IReadOnlyList<OptionDefinitionOf<T>> shared = TransferOptionList.For<T>();
        options = options with { Relays = [.. _usual.Select(r => r.Address)] };
        foreach (SettingsEntry entry in _entries.Where(e => e.Path.Count == 1 && e.Name is not (RelayName or TokenFileName or HistoryName)))
            options = Apply(options, entry, shared, section: null);
        return Apply(options, section, [.. shared, .. own]);
    }

    private T Apply<T>(T options, SettingsEntry entry, IReadOnlyList<OptionDefinitionOf<T>> definitions, string? section)
    {
        T before = options;
        string place = section is null ? "the settings" : $"'{section}'";
        if (definitions.FirstOrDefault(d => NameOf(d) == entry.Name) is not { } definition)
        {
            IEnumerable<string> names = definitions.Where(IsSetting).Select(NameOf);
            if (section is null)
                names = [.. names, RelayName, RelaysSection, TokenFileName, HistoryName, SendSection, ReceiveSection, RelaySection];
            throw Problem(entry, $"there is no setting '{VisibleText.Name(entry.Name)}' in {place}.", Suggestion.Nearest(entry.Name, names) is { } near ? $"Did you mean '{near}'?" : null);
        }

        if (definition.IsSecret)
            throw Problem(entry, $"'{entry.FullName}' is a secret, which the settings file must not contain.", "Put it into a file of its own; a token's file is named by 'tokenFile'.");
        if (!IsSetting(definition))
            throw Problem(entry, $"'{entry.FullName}' cannot be set for every run.", "Give it on the command line.");
        IReadOnlyList<string> texts = definition.ValueName is "file" or "folder" ? [.. entry.Texts.Select(FullPath)] : entry.Texts;
        if (!definition.TryParse(texts, ref options))
            throw Problem(entry, $"'{entry.FullName}' takes {definition.Takes}, not '{VisibleText.Name(string.Join(", ", entry.Texts))}'.");
        return definition.Variable is { } variable && _environment(variable) is { Length: > 0 } ? before : options;
    }

    private bool ReadHistory()
    {
        if (_entries.FirstOrDefault(e => e.Path is [HistoryName]) is not { } entry)
            return true;
        return bool.TryParse(entry.Texts[^1], out bool isOn) ? isOn : throw Problem(entry, $"'{HistoryName}' takes true or false, not '{VisibleText.Name(entry.Texts[^1])}'.");
    }

    private void ReadRelays()
    {
        foreach (IGrouping<string, SettingsEntry> relay in _entries.Where(e => e.Path.Count > 1 && e.Path[0] == RelaysSection).GroupBy(e => e.Path[1]))
        {
            SettingsEntry first = relay.First();
            SettingsEntry? address = relay.FirstOrDefault(e => e.Path.Count == 2 || e.Name == AddressName);
            if (relay.FirstOrDefault(e => e.Path.Count == 3 && e.Name is not (AddressName or TokenFileName)) is { } unknown)
                throw Problem(unknown, $"a relay has an 'address' and a 'tokenFile', not '{VisibleText.Name(unknown.Name)}'.");
            if (address is null)
                throw Problem(first, $"the relay '{VisibleText.Name(relay.Key)}' has no address.");
            _relays.Add(relay.Key, new RelaySetting(relay.Key, Address(address, address.Texts[^1]), relay.FirstOrDefault(e => e.Name == TokenFileName && e.Path.Count == 3) is { } file ? FullPath(file.Texts[^1]) : null));
        }

        string? tokenFile = _entries.FirstOrDefault(e => e.Path is [TokenFileName]) is { } given ? FullPath(given.Texts[^1]) : null;
        if (_entries.FirstOrDefault(e => e.Path is [RelayName]) is { } usual)
        {
            foreach (string text in usual.Texts)
                _usual.Add(_relays.TryGetValue(text, out RelaySetting? named) ? named with { TokenFile = named.TokenFile ?? tokenFile } : new RelaySetting(text, Address(usual, text), tokenFile));
        }

        if (_entries.FirstOrDefault(e => e.Path.Count > 1 && e.Path[0] is not (RelaysSection or SendSection or ReceiveSection or RelaySection)) is { } strange)
        {
            string[] sections = [RelaysSection, SendSection, ReceiveSection, RelaySection];
            throw Problem(strange, $"there is no section '{VisibleText.Name(strange.Path[0])}'.", Suggestion.Nearest(strange.Path[0], sections) is { } near ? $"Did you mean '{near}'?" : $"The sections are {string.Join(", ", sections)}.");
        }
    }

    private Uri Address(SettingsEntry entry, string text)
        => RelayConnector.ParseAddress(text) ?? throw Problem(
            entry, $"'{VisibleText.Name(text)}' is neither a relay of this file nor {RelayConnector.AddressForm}.",
            Suggestion.Nearest(text, _relays.Keys) is { } near ? $"Did you mean '{near}'?" : null);

    private P2PException Problem(SettingsEntry entry, string problem, string? hint = null) => SettingsReader.Problem(File!, entry.Line, problem, hint);

    /// <summary>A path of the file: <c>~/</c> is the home folder, and a relative path begins in the folder of the settings file.</summary>
    private string FullPath(string path)
        => path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(File!))!, path);

    /// <summary>Options that belong to one run, and those that the faces read themselves, are no settings.</summary>
    internal static bool IsSetting(OptionDefinition definition)
        => definition.IsValue && !definition.IsSecret && definition.Name is not (nameof(SendOptions.Paths) or nameof(SendOptions.Name) or nameof(TransferOptions.Verify) or nameof(TransferOptions.Relays));

    /// <summary>The name in the file: the name of the property in camel case.</summary>
    internal static string NameOf(OptionDefinition definition) => char.ToLowerInvariant(definition.Name[0]) + definition.Name[1..];
}
