using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>An entry that failed at the receiver.</summary>
internal sealed record FailedEntry
{
    public required long Index { get; init; }

    public required string Code { get; init; }

    public required string Message { get; init; }

    public static FailedEntry Read(JsonElement entry) => new()
    {
        Index = entry.Index(),
        Code = entry.Text("c"u8),
        Message = entry.Text("x"u8),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("i"u8, Index);
        json.WriteString("c"u8, Code);
        json.WriteString("x"u8, Message);
    }
}
