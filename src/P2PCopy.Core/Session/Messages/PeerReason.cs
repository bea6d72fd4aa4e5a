using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Messages;

/// <summary>Reads the code and the sentence of the other side's failure.</summary>
internal static class PeerReason
{
    /// <summary>The maximum number of characters that are kept of a sentence.</summary>
    public const int MaxSentenceLength = 1024;

    /// <summary>The code with this name. Every other text, also a number, is <see cref="P2PErrorCode.Failure"/>.</summary>
    public static P2PErrorCode Code(string? name)
        => name is not null && name.All(char.IsAsciiLetter) && Enum.TryParse(name, out P2PErrorCode code) ? code : P2PErrorCode.Failure;

    /// <summary>The sentence with hidden characters made visible, cut if it is too long.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Sentence(string? text) => text is null ? null : VisibleText.Of(text.Trim(), MaxSentenceLength);
}
