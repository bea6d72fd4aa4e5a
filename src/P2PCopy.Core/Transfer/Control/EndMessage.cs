using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The sender has no further round.</summary>
internal sealed record EndMessage : ControlMessage
{
    public const string Name = "end";

    public override string Type => Name;

    /// <summary>Entries for which the sender has a good result.</summary>
    public required long Confirmed { get; init; }

    public static EndMessage Read(JsonElement message) => new()
    {
        Confirmed = message.Number("confirmed"u8, WireLimits.Confirmed),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("confirmed"u8, Confirmed);
    }
}
