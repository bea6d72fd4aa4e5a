using System.Net;
using System.Text;
using System.Text.Json;

namespace P2PCopy.Transport;

/// <summary>A message of a relay to a client, as text (docs/protocol.md, section 2).</summary>
internal enum RelayHintKind
{
    /// <summary>A hint that this version does not know; it is ignored.</summary>
    Unknown,

    /// <summary>Joined; the other role is not in the room.</summary>
    Waiting,

    /// <summary>The other role is in the room.</summary>
    Paired,

    /// <summary>The relay is about to stop; join again.</summary>
    Draining,

    /// <summary>The other side has left.</summary>
    PeerLeft,
}

/// <summary>One hint.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="ReconnectAfter">With <see cref="RelayHintKind.Draining"/>: the time to wait before joining again.</param>
/// <param name="Seen">
/// With the first hint of a connection: the address and port from which the relay sees it; null if the relay does not know them.
/// </param>
internal readonly record struct RelayHint(RelayHintKind Kind, TimeSpan ReconnectAfter = default, IPEndPoint? Seen = null)
{
    /// <summary>The limit of a hint in bytes. A client that receives a longer one ends the connection.</summary>
    public const int MaxLength = 1024;

    // What the relay says behind a proxy that does not tell it the client's port.
    private const string SeenUnknown = "unknown";

    private static readonly TimeSpan LongestReconnect = TimeSpan.FromSeconds(60);

    /// <summary>The text message for this hint.</summary>
    public byte[] Encode() => Kind switch
    {
        RelayHintKind.Waiting => """{"hint":"waiting"}"""u8.ToArray(),
        RelayHintKind.Paired => """{"hint":"paired"}"""u8.ToArray(),
        RelayHintKind.PeerLeft => """{"hint":"peer-left"}"""u8.ToArray(),
        RelayHintKind.Draining => Encoding.ASCII.GetBytes(
            $$"""{"hint":"draining","reconnectAfterSeconds":{{(int)ReconnectAfter.TotalSeconds}}}"""),
        _ => throw new InvalidOperationException($"The hint {Kind} has no message."),
    };

    /// <summary>The text message for the first hint of a connection, which also tells where the relay sees the client.</summary>
    public byte[] EncodeFirst() => Encoding.ASCII.GetBytes(
        $$"""{"hint":"{{(Kind == RelayHintKind.Paired ? "paired" : "waiting")}}","seen":"{{Seen?.ToString() ?? SeenUnknown}}"}""");

    /// <summary>Reads a text message. One that is not a hint of this version becomes <see cref="RelayHintKind.Unknown"/>.</summary>
    public static RelayHint Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            return ParseObject(message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default; // no JSON, or a text that is no Unicode
        }
    }

    private static RelayHint ParseObject(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;

        RelayHintKind kind = RelayHintKind.Unknown;
        double seconds = 0;
        IPEndPoint? seen = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isHint = reader.ValueTextEquals("hint"u8);
            bool isSeconds = reader.ValueTextEquals("reconnectAfterSeconds"u8);
            bool isSeen = reader.ValueTextEquals("seen"u8);
            reader.Read();
            if (isHint && reader.TokenType == JsonTokenType.String)
                kind = KindOf(ref reader);
            else if (isSeconds && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value))
                seconds = value;
            else if (isSeen && reader.TokenType == JsonTokenType.String)
                seen = IPEndPoint.TryParse(reader.GetString()!, out IPEndPoint? address) && address.Port != 0 ? address : null;
            else
                reader.Skip();
        }

        return new RelayHint(kind, TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestReconnect.TotalSeconds)), seen);
    }

    private static RelayHintKind KindOf(ref Utf8JsonReader reader)
        => reader.ValueTextEquals("waiting"u8) ? RelayHintKind.Waiting
            : reader.ValueTextEquals("paired"u8) ? RelayHintKind.Paired
            : reader.ValueTextEquals("draining"u8) ? RelayHintKind.Draining
            : reader.ValueTextEquals("peer-left"u8) ? RelayHintKind.PeerLeft
            : RelayHintKind.Unknown;
}
