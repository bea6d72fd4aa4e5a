using System.Text.Json;
using P2PCopy.Session.Links;

namespace P2PCopy.Transfer.Control;

/// <summary>The sender opens further connections.</summary>
internal sealed record StreamsMessage : ControlMessage
{
    public const string Name = "streams";

    public override string Type => Name;

    /// <summary>Number of connections, connection 0 included.</summary>
    public required int Count { get; init; }

    public static StreamsMessage Read(JsonElement message) => new()
    {
        Count = message.Number("count"u8, PeerSession.MaxConnections),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("count"u8, Count);
    }
}
