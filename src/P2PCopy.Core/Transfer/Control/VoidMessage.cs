using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>Chunks that the sender will not send.</summary>
internal sealed record VoidMessage : ControlMessage
{
    public const string Name = "void";

    public override string Type => Name;

    public required long First { get; init; }

    public required long Count { get; init; }

    public static VoidMessage Read(JsonElement message)
    {
        long first = message.Number("first"u8, WireLimits.Chunks);
        return new VoidMessage { First = first, Count = message.Number("count"u8, WireLimits.Chunks - first) };
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("first"u8, First);
        json.WriteNumber("count"u8, Count);
    }
}
