using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Primitives.Options;

/// <summary>The declaration of an option with a value of one type.</summary>
internal abstract class TypedOption<TOptions, T>(string name, string help, Func<TOptions, T> get, Func<TOptions, T, TOptions> set)
    : OptionDefinitionOf<TOptions>(name, help)
{
    public override string? DefaultText(TOptions defaults) => DefaultNote ?? Show(get(defaults));

    public override bool TryParse(IReadOnlyList<string> texts, ref TOptions options)
    {
        if (!TryRead(texts, out T? value) || !IsAllowed(value))
            return false;
        options = set(options, value);
        return true;
    }

    public override TOptions Set(TOptions options, object value) => set(options, Convert(value));

    public override void Check(TOptions options)
    {
        T value = get(options);
        if (!IsAllowed(value))
            throw new P2PException(P2PErrorCode.InvalidOption, IsSecret ? $"`{Name}` must be {Expected}." : $"`{Name}` is {Show(value)}; it must be {Expected}.");
    }

    /// <summary>The allowed values, for an error message about a property.</summary>
    protected virtual string Expected => Takes;

    protected abstract bool TryRead(IReadOnlyList<string> texts, [MaybeNullWhen(false)] out T value);

    protected virtual bool IsAllowed(T value) => true;

    protected virtual T Convert(object value) => (T)value;

    protected virtual string? Show(T value) => value?.ToString();
}
