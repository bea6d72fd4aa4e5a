using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// What each side says first, in clear (docs/protocol.md §3). It is believed only after the confirmation, which binds
/// the bytes of both.
/// </summary>
/// <param name="Version">The protocol version.</param>
/// <param name="Role">Sender or receiver.</param>
/// <param name="Nonce">16 random bytes.</param>
/// <param name="EncryptPayload">Whether chunks are to be encrypted.</param>
/// <param name="Software">The version of the software, for sentences.</param>
/// <param name="Survivor">The name of the session that this side holds and whose connection it lost; null at a beginning.</param>
internal sealed record Hello(ProtocolVersion Version, PeerRole Role, byte[] Nonce, bool EncryptPayload, string Software, string? Survivor = null)
{
    /// <summary>Bytes a hello has at most.</summary>
    public const int MaximumLength = 4096;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 16;

    /// <summary>The hello of this side.</summary>
    public static Hello Own(PeerRole role, bool encryptPayload, string? survivor = null) => new(
        ProtocolVersion.Current,
        role,
        RandomNumberGenerator.GetBytes(NonceLength),
        encryptPayload,
        ProtocolVersion.Software,
        survivor);

    /// <summary>The bytes to send.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("p2pcopy");
            json.WriteNumberValue(Version.Major);
            json.WriteNumberValue(Version.Minor);
            json.WriteEndArray();
            json.WriteString("role", Role.WireName());
            json.WriteString("nonce", Base64Url.EncodeToString(Nonce));
            json.WriteString("encryption", EncryptPayload ? "on" : "off");
            json.WriteString("software", Software);
            if (Survivor is not null)
                json.WriteString("survivor", Survivor);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the other side's hello.</summary>
    /// <param name="message">What came first.</param>
    /// <param name="spokenHere">The version of this side.</param>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.ProtocolError"/> when it is none, <see cref="P2PErrorCode.VersionMismatch"/> when its major
    /// version is not ours: of such a hello nothing else is read, since nothing else about it is known.
    /// </exception>
    public static Hello Parse(ReadOnlyMemory<byte> message, ProtocolVersion spokenHere)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                message, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Read(document.RootElement, spokenHere);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw NoHello(e);
        }
    }

    private static Hello Read(JsonElement root, ProtocolVersion spokenHere)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("p2pcopy", out JsonElement version) || version.ValueKind != JsonValueKind.Array
            || version.GetArrayLength() < 2
            || !version[0].TryGetInt32(out int major) || !version[1].TryGetInt32(out int minor) || major < 0 || minor < 0)
        {
            throw NoHello();
        }

        string software = root.TryGetProperty("software", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? VisibleText.Of(name.GetString()!.Trim(), 32)
            : "";
        var spoken = new ProtocolVersion(major, minor);
        if (major != spokenHere.Major) throw OtherVersion(spokenHere, spoken, software);

        PeerRole role = Text(root, "role") switch
        {
            "send" => PeerRole.Send,
            "receive" => PeerRole.Receive,
            _ => throw NoHello(),
        };
        bool encryptPayload = Text(root, "encryption") switch
        {
            "on" => true,
            "off" => false,
            _ => throw NoHello(),
        };
        byte[] nonce = Base64Url.DecodeFromChars(Text(root, "nonce"));
        if (nonce.Length != NonceLength) throw NoHello();
        return new Hello(spoken, role, nonce, encryptPayload, software, Text(root, "survivor"));
    }

    private static string? Text(JsonElement root, string name)
        => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static P2PException NoHello(Exception? cause = null) => new(
        P2PErrorCode.ProtocolError,
        "The other side did not begin as P2PCopy does. Check that both sides run P2PCopy and use the same relay.",
        cause);

    private static P2PException OtherVersion(ProtocolVersion here, ProtocolVersion spoken, string software) => new(
        P2PErrorCode.VersionMismatch,
        $"This side speaks protocol {here} (P2PCopy {ProtocolVersion.Software}), the other side {spoken}"
        + (software.Length > 0 ? $" (P2PCopy {software})" : "")
        + $". Update the {(spoken.Major > here.Major ? "software on this side" : "other side's software")}.");
}
