using System.Buffers;
using System.Text.Json;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Control;

/// <summary>
/// Converts control messages to and from JSON. The messages read and write themselves, because initialising the
/// serializer takes a tenth of the CPU time of a short transfer.
/// </summary>
internal static class ControlJson
{
    public static byte[] Encode(ControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, message.Type);
            message.Write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="P2PException"><see cref="P2PErrorCode.ProtocolError"/>: not a message of this protocol.</exception>
    public static ControlMessage Decode(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Malformed JSON, a value of another kind, or a number out of its range.
            throw new P2PException(
                P2PErrorCode.ProtocolError,
                "A control message of the other side could not be understood.",
                e)
            {
                Hint = ProtocolErrors.SameRelease,
            };
        }
    }

    private static ControlMessage Read(JsonElement message) => message.Text("type"u8) switch
    {
        SettingsMessage.Name => SettingsMessage.Read(message),
        OfferPage.Name => OfferPage.Read(message),
        BlocksPage.Name => BlocksPage.Read(message),
        AnswerPage.Name => AnswerPage.Read(message),
        FoundPage.Name => FoundPage.Read(message),
        VoidMessage.Name => VoidMessage.Read(message),
        StreamsMessage.Name => StreamsMessage.Read(message),
        ResultsPage.Name => ResultsPage.Read(message),
        CandidatesMessage.Name => CandidatesMessage.Read(message),
        EndMessage.Name => EndMessage.Read(message),
        ReceiptMessage.Name => ReceiptMessage.Read(message),
        ByeMessage.Name => new ByeMessage(),
        _ => throw new JsonException("The type of a message is unknown."),
    };
}
