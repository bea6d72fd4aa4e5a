using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>A control message (docs/protocol.md §7): one JSON object with a member <c>type</c>.</summary>
internal abstract record ControlMessage
{
    /// <summary>Its <c>type</c> on the wire.</summary>
    public abstract string Type { get; }

    /// <summary>Writes the other members. Members with their default value are left out.</summary>
    public abstract void Write(Utf8JsonWriter json);
}
