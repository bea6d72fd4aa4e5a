using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Files.Names;

namespace P2PCopy.Files.Destination;

/// <summary>The name of a sender's own folder, made of what the sender calls itself, which may be anything.</summary>
internal static class SenderFolder
{
    /// <summary>The folder of senders that give no name.</summary>
    public const string Unnamed = "unnamed";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>
    /// Lower-case letters, digits, <c>-</c>, <c>_</c> and inner dots, at most 64 characters, and no name that any system
    /// reserves. A name that is not such becomes one, with eight digits of its SHA-256 at the end, so that two names never
    /// share a folder by becoming alike.
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
