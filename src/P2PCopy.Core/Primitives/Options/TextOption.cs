using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Primitives.Options;

/// <summary>Text, or a value that is written as text, such as an address.</summary>
/// <param name="name">The name of the property.</param>
/// <param name="help">The help.</param>
/// <param name="takes">The allowed values, for an error message.</param>
/// <param name="read">Reads a value; null if the text is not a value.</param>
/// <param name="get">Reads the property.</param>
/// <param name="set">Changes the property.</param>
/// <param name="isAllowed">Whether a value is allowed.</param>
internal sealed class TextOption<TOptions, T>(
    string name, string help, string takes, Func<string, T?> read,
    Func<TOptions, T?> get, Func<TOptions, T?, TOptions> set, Func<T, bool>? isAllowed = null)
    : TypedOption<TOptions, T?>(name, help, get, set)
    where T : class
{
    public override string Takes => takes;

    protected override bool TryRead(IReadOnlyList<string> texts, [MaybeNullWhen(false)] out T? value)
    {
        value = read(texts[^1]);
        return value is not null;
    }

    protected override bool IsAllowed(T? value) => value is null || isAllowed is null || isAllowed(value);
}
