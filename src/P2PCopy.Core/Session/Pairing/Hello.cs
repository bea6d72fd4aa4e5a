using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// The first message of each side, unencrypted (docs/protocol.md §3). The confirmation authenticates the bytes of both
/// hellos; until then their content is not trusted.
/// </summary>
/// <param name="Version">The protocol version.</param>
/// <param name="Role">Sender or receiver.</param>
/// <param name="Nonce">16 random bytes.</param>
/// <param name="EncryptPayload">Whether chunks are to be encrypted.</param>
/// <param name="Software">The software version, for messages.</param>
/// <param name="Survivor">The name of the session that this side holds and whose connection it lost; null in a first pairing.</param>
internal sealed record Hello(ProtocolVersion Version, PeerRole Role, byte[] Nonce, bool EncryptPayload, string Software, string? Survivor = null)
{
    /// <summary>The maximum length in bytes.</summary>
    public const int MaximumLength = 4096;

    /// <summary>The length of a nonce in bytes.</summary>
    public const int NonceLength = 16;

    /// <summary>The hello of this side.</summary>
    public static Hello Own(PeerRole role, bool encryptPayload, string? survivor = null) => new(
        ProtocolVersion.Current,
        role,
        RandomSource.Bytes(NonceLength),
        encryptPayload,
        ProtocolVersion.Software,
        survivor);

    /// <summary>The bytes on the wire.</summary>
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
    /// <param name="message">The first message.</param>
    /// <param name="ownVersion">The version of this side.</param>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.ProtocolError"/>: the message is not a hello. <see cref="P2PErrorCode.VersionMismatch"/>: it has another
    /// major version; nothing else of such a hello is read, because its format is unknown.
    /// </exception>
    public static Hello Parse(ReadOnlyMemory<byte> message, ProtocolVersion ownVersion)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                message, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Read(document.RootElement, ownVersion);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Malformed(e);
        }
    }

    private static Hello Read(JsonElement root, ProtocolVersion ownVersion)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("p2pcopy", out JsonElement version) || version.ValueKind != JsonValueKind.Array
            || version.GetArrayLength() < 2
            || !version[0].TryGetInt32(out int major) || !version[1].TryGetInt32(out int minor) || major < 0 || minor < 0)
        {
            throw Malformed();
        }

        string software = root.TryGetProperty("software", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? VisibleText.Of(name.GetString()!.Trim(), 32)
            : "";
        var peer = new ProtocolVersion(major, minor);
        if (major != ownVersion.Major)
            throw OtherVersion(ownVersion, peer, software);

        PeerRole role = Text(root, "role") switch
        {
            "send" => PeerRole.Send,
            "receive" => PeerRole.Receive,
            _ => throw Malformed(),
        };
        bool encryptPayload = Text(root, "encryption") switch
        {
            "on" => true,
            "off" => false,
            _ => throw Malformed(),
        };
        byte[] nonce = Base64Url.DecodeFromChars(Text(root, "nonce"));
        if (nonce.Length != NonceLength)
            throw Malformed();
        return new Hello(peer, role, nonce, encryptPayload, software, Text(root, "survivor"));
    }

    private static string? Text(JsonElement root, string name)
        => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static P2PException Malformed(Exception? cause = null) => new(
        P2PErrorCode.ProtocolError,
        "The other side sent no P2PCopy hello.",
        cause)
    {
        Hint = "Check that both sides run P2PCopy and use the same relay.",
    };

    private static P2PException OtherVersion(ProtocolVersion own, ProtocolVersion peer, string software) => new(
        P2PErrorCode.VersionMismatch,
        $"This side uses protocol {own} (P2PCopy {ProtocolVersion.Software}), the other side {peer}"
        + (software.Length > 0 ? $" (P2PCopy {software})" : "")
        + ".")
    {
        Hint = $"Update the software on {(peer.Major > own.Major ? "this side" : "the other side")}.",
    };
}
