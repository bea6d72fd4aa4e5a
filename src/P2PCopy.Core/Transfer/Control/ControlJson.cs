using System.Buffers;
using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>
/// Control messages to and from JSON. Written by hand (<see cref="ControlWriter"/>, <see cref="ControlReader"/>): the
/// serializer needs a tenth of the CPU time of a short transfer to get ready.
/// </summary>
internal static class ControlJson
{
    public static byte[] Encode(ControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            ControlWriter.Write(json, message);
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
            return ControlReader.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Malformed; or a value of another kind; or a number out of range.
            throw new P2PException(
                P2PErrorCode.ProtocolError,
                "A control message of the other side could not be understood. Use the same release on both sides.",
                e);
        }
    }
}
