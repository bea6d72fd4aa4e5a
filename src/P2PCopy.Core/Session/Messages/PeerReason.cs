using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Messages;

/// <summary>Codes and sentences with which the other side explains a failure.</summary>
internal static class PeerReason
{
    /// <summary>Characters of a sentence that are kept.</summary>
    public const int MaxSentenceLength = 1024;

    /// <summary>The code of this name. Every other text, numbers included, is <see cref="P2PErrorCode.Failure"/>.</summary>
    public static P2PErrorCode Code(string? name)
        => name is not null && name.All(char.IsAsciiLetter) && Enum.TryParse(name, out P2PErrorCode code) ? code : P2PErrorCode.Failure;

    /// <summary>The sentence with hidden characters made visible, cut if it is too long.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Sentence(string? text) => text is null ? null : VisibleText.Of(text.Trim(), MaxSentenceLength);
}
