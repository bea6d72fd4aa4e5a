namespace P2PCopy.Primitives.Options;

/// <summary>The declaration of an option of one options record.</summary>
/// <typeparam name="TOptions">The record.</typeparam>
internal abstract class OptionDefinitionOf<TOptions>(string name, string help) : OptionDefinition(name, help)
{
    /// <summary>The default as the help shows it; null if it says nothing.</summary>
    /// <param name="defaults">A record with the defaults.</param>
    public abstract string? DefaultText(TOptions defaults);

    /// <summary>Reads values as a person writes them.</summary>
    /// <returns>False if the option does not take them; <paramref name="options"/> is then unchanged.</returns>
    public abstract bool TryParse(IReadOnlyList<string> texts, ref TOptions options);

    /// <summary>Takes the value of a cmdlet's parameter.</summary>
    public abstract TOptions Set(TOptions options, object value);

    /// <summary>Refuses a value that is out of range.</summary>
    /// <exception cref="P2PException">It is; the message names the option in backticks.</exception>
    public abstract void Check(TOptions options);
}
