using System.Text.Json;
using System.Text.Json.Serialization;
using P2PCopy.Primitives;

namespace P2PCopy.Transfer.Wire;

/// <summary>Control messages to and from JSON.</summary>
internal static class ControlJson
{
    public static byte[] Encode(ControlMessage message)
        => JsonSerializer.SerializeToUtf8Bytes(message, ControlJsonContext.Default.ControlMessage);

    /// <exception cref="P2PException"><see cref="P2PErrorCode.ProtocolError"/>: not a message of this protocol.</exception>
    public static ControlMessage Decode(ReadOnlySpan<byte> json)
    {
        try
        {
            ControlMessage message = JsonSerializer.Deserialize(json, ControlJsonContext.Default.ControlMessage)
                ?? throw new JsonException("null");
            return HasNullItem(message) ? throw new JsonException("null in a list") : message;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new P2PException(
                P2PErrorCode.ProtocolError,
                "A control message of the other side could not be understood. Use the same release on both sides.",
                e);
        }
    }

    // The serializer refuses null in a member that is not nullable, but not in an array of such.
    private static bool HasNullItem(ControlMessage message) => message switch
    {
        SettingsMessage settings => settings.Codecs.Contains(null),
        OfferPage offer => offer.Entries.Contains(null),
        AnswerPage answer => answer.Entries.Contains(null),
        PlanPage plan => plan.Items.Contains(null),
        ResultsPage results => results.Failed.Contains(null),
        _ => false,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControlMessage))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
