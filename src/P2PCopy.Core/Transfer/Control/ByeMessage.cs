using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The sender has the receipt.</summary>
internal sealed record ByeMessage : ControlMessage
{
    public const string Name = "bye";

    public override string Type => Name;

    public override void Write(Utf8JsonWriter json)
    {
    }
}
