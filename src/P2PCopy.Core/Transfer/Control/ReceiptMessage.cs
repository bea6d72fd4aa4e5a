using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The receiver's final confirmation.</summary>
internal sealed record ReceiptMessage : ControlMessage
{
    public const string Name = "receipt";

    public override string Type => Name;

    /// <summary>Entries that the receiver confirmed.</summary>
    public required long Confirmed { get; init; }

    public static ReceiptMessage Read(JsonElement message) => new()
    {
        Confirmed = message.Number("confirmed"u8, WireLimits.Confirmed),
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("confirmed"u8, Confirmed);
    }
}
