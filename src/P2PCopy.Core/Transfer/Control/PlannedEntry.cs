using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>The plan of one entry.</summary>
internal sealed record PlannedEntry
{
    public required long Index { get; init; }

    /// <summary>The existing file has the new content already; the entry is not in the content of the round.</summary>
    public bool Unchanged { get; init; }

    /// <summary>Ranges that the partial holds in their place: offset, length, …; ascending.</summary>
    public long[]? Keep { get; init; }

    /// <summary>Ranges to copy from the existing file: to, from, length, …; ascending by <c>to</c>.</summary>
    public long[]? Copy { get; init; }

    /// <summary>Ranges to send: offset, length, …; ascending.</summary>
    public long[]? Send { get; init; }

    public static PlannedEntry Read(JsonElement entry) => new()
    {
        Index = entry.Index(),
        Unchanged = entry.FlagOrFalse("u"u8),
        Keep = Ranges(entry, "k"u8),
        Copy = Ranges(entry, "c"u8),
        Send = Ranges(entry, "s"u8),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("i"u8, Index);
        json.FlagIfTrue("u"u8, Unchanged);
        Ranges(json, "k"u8, Keep);
        Ranges(json, "c"u8, Copy);
        Ranges(json, "s"u8, Send);
    }

    private static long[]? Ranges(JsonElement entry, ReadOnlySpan<byte> name)
        => entry.Find(name) is { ValueKind: not JsonValueKind.Null } numbers ? numbers.Numbers(WireLimits.FileBytes) : null;

    private static void Ranges(Utf8JsonWriter json, ReadOnlySpan<byte> name, long[]? numbers)
    {
        if (numbers is not null)
            json.Numbers(name, numbers);
    }
}
