using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Files.Names;

namespace P2PCopy.Files.Destination;

/// <summary>Makes the name of a sender's folder from the name that the sender gives itself, which may be any text.</summary>
internal static class SenderFolder
{
    /// <summary>The folder of senders that give no name.</summary>
    public const string Unnamed = "unnamed";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>
    /// Lower-case letters, digits, <c>-</c>, <c>_</c> and inner dots, at most 64 characters, and no name that a system
    /// reserves. Any other name is converted and gets eight digits of its SHA-256, so that two names never get the same
    /// folder.
    /// </summary>
    public static string Of(string? senderName)
    {
        string name = (senderName ?? "").Trim().ToLowerInvariant();
        if (name.Length == 0)
            return Unnamed;
        if (IsPlain(name) && name != Unnamed)
            return name;

        var text = new StringBuilder(name.Length);
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, MaxLength - 9)))
            text.Append(Plain.Contains(c) && c != '.' ? c : '_');
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return $"{text}-{Convert.ToHexStringLower(digest.AsSpan(0, 4))}".TrimStart('-');
    }

    private static bool IsPlain(string name)
        => name.Length <= MaxLength
            && !name.AsSpan().ContainsAnyExcept(Plain)
            && name[0] is not ('.' or '-')
            && WireName.Objection(name, NameRules.Windows) is null;
}
