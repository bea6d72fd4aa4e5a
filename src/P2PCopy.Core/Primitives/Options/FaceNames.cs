using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Primitives.Options;

/// <summary>Messages name options by their API names; this shows the names of one face.</summary>
/// <param name="options">The options.</param>
/// <param name="nameOf">The name of an option on this face.</param>
/// <param name="other">The name of what is named like an option and is none, such as <c>CodeFile</c>.</param>
/// <param name="valueOf">A value behind a name, such as <c>Follow</c> in <c>Links Follow</c>.</param>
internal sealed class FaceNames(Func<IEnumerable<OptionDefinition>> options, Func<OptionDefinition, string> nameOf, Func<string, string> other, Func<string, string> valueOf)
{
    private readonly Lazy<Dictionary<string, string>> _names = new(() =>
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (OptionDefinition definition in options())
            names[definition.Name] = nameOf(definition);
        return names;
    });

    [return: NotNullIfNotNull(nameof(message))]
    public string? In(string? message) => message is null ? null : OptionNames.Replace(message, Of);

    private string Of(string option)
    {
        string[] words = option.Split(' ');
        string name = _names.Value.TryGetValue(words[0], out string? known) ? known : other(words[0]);
        return string.Join(' ', [name, .. words.Skip(1).Select(valueOf)]);
    }
}
