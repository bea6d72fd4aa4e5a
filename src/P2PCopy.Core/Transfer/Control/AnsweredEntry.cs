using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The answer to one entry.</summary>
internal sealed record AnsweredEntry
{
    /// <summary>Number of the entry in the round's offer, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>One of <see cref="Answers"/>.</summary>
    public string? Answer { get; init; }

    /// <summary>Error code of a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>Reason of a refusal or a skip.</summary>
    public string? Message { get; init; }

    public static AnsweredEntry Read(JsonElement entry) => new()
    {
        Index = entry.Index(),
        Answer = entry.TextOrNull("a"u8),
        Code = entry.TextOrNull("c"u8),
        Message = entry.TextOrNull("x"u8),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("i"u8, Index);
        json.TextIfAny("a"u8, Answer);
        json.TextIfAny("c"u8, Code);
        json.TextIfAny("x"u8, Message);
    }
}
