using System.Text;

namespace P2PCopy.Primitives.Options;

/// <summary>
/// The declaration of an option: its names, the faces that have it, its values, its default and its help. The engine checks
/// ranges with it, the tool makes its command line, help and completion from it, and the module converts parameters with it.
/// Tests compare it with the properties of the API, the parameters of the cmdlets and their help.
/// </summary>
internal abstract class OptionDefinition(string name, string help)
{
    private readonly string? _cmdletName;
    private readonly string? _toolName;

    /// <summary>The name of the property of the API, and the name in messages.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence without its full stop, or a noun phrase.</summary>
    public string Help { get; } = help;

    /// <summary>The heading in help; null takes that of the list.</summary>
    public OptionGroup? Group { get; init; }

    public OptionFaces Faces { get; init; } = OptionFaces.All;

    /// <summary>The name of the cmdlet's parameter.</summary>
    public string CmdletName { get => _cmdletName ?? UsualCmdletName; init => _cmdletName = value; }

    /// <summary>The name on the command line; without dashes for an argument.</summary>
    public string ToolName { get => _toolName ?? "--" + Kebab(Name); init => _toolName = value; }

    /// <summary>A letter with a dash on the command line; null if there is none.</summary>
    public string? ShortToolName { get; init; }

    /// <summary>An older name on the command line, which the help does not show; null if there is none.</summary>
    public string? OldToolName { get; init; }

    /// <summary>The environment variable that is used if the option is not given; null if there is none.</summary>
    public string? Variable { get; init; }

    /// <summary>The default in words, if the value alone is not clear.</summary>
    public string? DefaultNote { get; init; }

    /// <summary>Whether the value is secret. Messages do not show a secret value.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The placeholder for the value in the help; null for a flag.</summary>
    public string? ValueName { get; init; }

    /// <summary>The values, if they are a fixed set; completion offers them.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether it is a value of the options record; false for an option that each face reads itself.</summary>
    public virtual bool IsValue => true;

    public virtual OptionForm Form => OptionForm.Single;

    /// <summary>The allowed values, for an error message: <c>1 to 3600 seconds</c>.</summary>
    public abstract string Takes { get; }

    /// <summary>The smallest and largest value of a parameter of a cmdlet; null without a range.</summary>
    public virtual (long Min, long Max)? Range => null;

    protected virtual string UsualCmdletName => Name;

    public bool Has(OptionFaces face) => (Faces & face) != 0;

    /// <summary>The name in lower case with dashes.</summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 2);
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
