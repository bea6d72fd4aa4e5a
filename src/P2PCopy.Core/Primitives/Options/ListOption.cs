namespace P2PCopy.Primitives.Options;

/// <summary>An option that may be given several times.</summary>
/// <param name="name">The name of the property.</param>
/// <param name="help">The help.</param>
/// <param name="takes">The allowed values, for an error message.</param>
/// <param name="read">Reads a value; null if the text is not a value.</param>
/// <param name="get">Reads the property.</param>
/// <param name="set">Changes the property.</param>
/// <param name="isAllowed">Whether a value is allowed.</param>
internal sealed class ListOption<TOptions, T>(
    string name, string help, string takes, Func<string, T?> read,
    Func<TOptions, IReadOnlyList<T>> get, Func<TOptions, IReadOnlyList<T>, TOptions> set, Func<T, bool>? isAllowed = null)
    : TypedOption<TOptions, IReadOnlyList<T>>(name, help, get, set)
    where T : class
{
    public override OptionForm Form => OptionForm.List;

    public override string Takes => takes;

    protected override bool TryRead(IReadOnlyList<string> texts, out IReadOnlyList<T> value)
    {
        var values = new List<T>(texts.Count);
        foreach (string text in texts)
        {
            if (read(text) is { } one)
                values.Add(one);
        }

        value = values;
        return values.Count == texts.Count;
    }

    protected override bool IsAllowed(IReadOnlyList<T> value) => isAllowed is null || value.All(isAllowed);

    protected override string? Show(IReadOnlyList<T> value) => value.Count == 0 ? null : string.Join(", ", value);
}
