namespace P2PCopy.Primitives.Options;

/// <summary>The declaration of an option of one options record.</summary>
/// <typeparam name="TOptions">The record.</typeparam>
internal abstract class OptionDefinitionOf<TOptions>(string name, string help) : OptionDefinition(name, help)
{
    /// <summary>The default as the help shows it; null if the help shows none.</summary>
    /// <param name="defaults">A record with the defaults.</param>
    public abstract string? DefaultText(TOptions defaults);

    /// <summary>Reads values from text.</summary>
    /// <returns>False if the values are not allowed; <paramref name="options"/> is then unchanged.</returns>
    public abstract bool TryParse(IReadOnlyList<string> texts, ref TOptions options);

    /// <summary>Sets the value of a cmdlet's parameter.</summary>
    public abstract TOptions Set(TOptions options, object value);

    /// <summary>Checks the range of the value.</summary>
    /// <exception cref="P2PException">The value is out of range. The message names the option in backticks.</exception>
    public abstract void Check(TOptions options);
}
