using System.Security.Cryptography;
using System.Text;

namespace P2PCopy;

/// <summary>A text that must not be shown, such as a token. <see cref="ToString"/> returns dots; <see cref="Reveal"/> returns the text.</summary>
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _text;

    /// <summary>Makes a secret.</summary>
    /// <param name="text">The text.</param>
    public Secret(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Converts a string, so that it can be assigned to an option.</summary>
    /// <param name="text">The text; null gives null.</param>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static implicit operator Secret?(string? text) => text is null ? null : new Secret(text);

    /// <summary>Returns the text.</summary>
    /// <returns>The text. Do not log it.</returns>
    public string Reveal() => _text;

    /// <summary>The same operation as the conversion, for languages without operators.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The secret.</returns>
    public static Secret ToSecret(string text) => new(text);

    /// <summary>Returns dots; their number does not depend on the length.</summary>
    /// <returns>The same dots for every secret.</returns>
    public override string ToString() => "•••";

    /// <inheritdoc/>
    public bool Equals(Secret? other)
        => other is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_text), Encoding.UTF8.GetBytes(other._text));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
}
