namespace P2PCopy.Primitives.Options;

/// <summary>One of a few named values; the names are those of an enumeration, in lower case with dashes.</summary>
internal sealed class ChoiceOption<TOptions, TEnum> : TypedOption<TOptions, TEnum?>
    where TEnum : struct, Enum
{
    /// <param name="name">The name of the property.</param>
    /// <param name="help">The help.</param>
    /// <param name="get">Reads the property.</param>
    /// <param name="set">Changes the property.</param>
    public ChoiceOption(string name, string help, Func<TOptions, TEnum?> get, Func<TOptions, TEnum, TOptions> set)
        : base(name, help, get, (options, value) => value is { } given ? set(options, given) : options)
    {
        Choices = Array.ConvertAll(Enum.GetNames<TEnum>(), Kebab);
        ValueName = string.Join('|', Choices);
    }

    public override string Takes => string.Join(", ", Choices);

    protected override bool TryRead(IReadOnlyList<string> texts, out TEnum? value)
    {
        for (int i = 0; i < Choices.Count; i++)
        {
            if (Choices[i].Equals(texts[^1], StringComparison.OrdinalIgnoreCase))
            {
                value = Enum.GetValues<TEnum>()[i];
                return true;
            }
        }

        value = null;
        return false;
    }

    protected override bool IsAllowed(TEnum? value) => value is not { } given || Enum.IsDefined(given);

    // The cmdlets have an enumeration of their own with the same numbers.
    protected override TEnum? Convert(object value) => (TEnum)Enum.ToObject(typeof(TEnum), (int)value);

    protected override string? Show(TEnum? value) => value is { } given ? Kebab(given.ToString()) : null;
}
