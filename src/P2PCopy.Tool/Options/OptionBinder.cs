using System.CommandLine;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of a command, made from their declarations.</summary>
/// <typeparam name="TOptions">The options record of the engine that they set.</typeparam>
internal sealed class OptionBinder<TOptions>
{
    private readonly List<(OptionDefinitionOf<TOptions> Definition, Option Option)> _options = [];

    /// <param name="definitions">The declarations; arguments and options that the tool does not have are left out.</param>
    /// <param name="defaults">A record with the defaults, for the help.</param>
    public OptionBinder(IEnumerable<OptionDefinitionOf<TOptions>> definitions, TOptions defaults)
    {
        foreach (OptionDefinitionOf<TOptions> definition in definitions)
        {
            if (definition.Has(OptionFaces.Tool) && definition.ToolName.StartsWith("--", StringComparison.Ordinal))
                _options.Add((definition, Create(definition, defaults)));
        }
    }

    /// <param name="command">The command that gets the options.</param>
    /// <param name="group">The heading in help of options that declare none; null for a command without headings.</param>
    public void AddTo(Command command, OptionGroup? group = null)
    {
        foreach ((OptionDefinitionOf<TOptions> definition, Option option) in _options)
        {
            if (group is { } given)
                command.Add(option, definition.Group ?? given);
            else
                command.Options.Add(option);
        }
    }

    /// <summary>The options with every value of the command line that is a value of the engine.</summary>
    public TOptions Apply(TOptions options, ParseResult result)
    {
        foreach ((OptionDefinitionOf<TOptions> definition, Option option) in _options)
        {
            if (Texts(result, option) is { } texts)
                _ = definition.TryParse(texts, ref options); // the parser has already refused a wrong value
        }

        return options;
    }

    /// <summary>The option with this name of the engine.</summary>
    public Option this[string name] => _options.Find(o => o.Definition.Name == name).Option;

    /// <summary>The value of an option that is given once; null if it is not given.</summary>
    public string? Text(ParseResult result, string name) => Texts(result, this[name])?[^1];

    /// <summary>The values of an option that may be repeated; none if it is not given.</summary>
    public IReadOnlyList<string> List(ParseResult result, string name) => Texts(result, this[name]) ?? [];

    /// <summary>Whether a flag is on.</summary>
    public bool Flag(ParseResult result, string name) => result.GetValue((Option<bool>)this[name]);

    private static Option Create(OptionDefinitionOf<TOptions> definition, TOptions defaults)
    {
        Option option = definition.Form switch
        {
            OptionForm.Flag => new Option<bool>(definition.ToolName),
            OptionForm.List => new Option<string[]>(definition.ToolName) { Arity = ArgumentArity.OneOrMore, DefaultValueFactory = _ => [] },
            _ when definition.IsSecret => new SecretOption(definition.ToolName),
            _ => new Option<string?>(definition.ToolName),
        };
        option.Description = Describe(definition, definition.DefaultText(defaults));
        option.HelpName = definition.ValueName;
        if (definition.ShortToolName is { } letter)
            option.Aliases.Add(letter);
        if (definition.OldToolName is { } old)
            option.Aliases.Add(old);
        if (definition.Choices.Count > 0)
            option.CompletionSources.Add([.. definition.Choices]);
        option.Validators.Add(result =>
        {
            string[] texts = [.. result.Tokens.Select(t => t.Value)];
            TOptions ignored = defaults;
            if (definition.Form != OptionForm.Flag && Define.IsEmpty(result))
                return;
            if (texts.Length == 0 || definition.TryParse(texts, ref ignored))
                return;
            string shown = definition.IsSecret ? string.Empty : $", not '{texts[^1]}'";
            result.AddError($"{definition.ToolName} takes {definition.Takes}{shown}.");
        });
        return option;
    }

    private static string Describe(OptionDefinition definition, string? defaultText)
    {
        string text = definition.Help;
        if (definition.Form == OptionForm.List)
            text += "; may be repeated";
        if (definition.Variable is { } variable)
            text += ". Environment: " + variable;
        return defaultText is null ? text : $"{text} [default: {defaultText}]";
    }

    private static List<string>? Texts(ParseResult result, Option option)
        => result.GetResult(option) is { Implicit: false } given ? [.. given.Tokens.Select(t => t.Value)] : null;
}
