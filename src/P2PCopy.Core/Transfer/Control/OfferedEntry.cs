using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>One offered entry. Its members have short names, because there may be a million of them.</summary>
internal sealed record OfferedEntry
{
    private static readonly long FirstTime = -DateTime.UnixEpoch.Ticks;
    private static readonly long LastTime = DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks;

    /// <summary>Name at the destination.</summary>
    public required string Name { get; init; }

    /// <summary>0 file, 1 folder, 2 link.</summary>
    public int Kind { get; init; }

    /// <summary>Bytes; -1 for unknown.</summary>
    public long Length { get; init; }

    /// <summary>Modification time: 100 ns since 1970-01-01 UTC.</summary>
    public long Modified { get; init; }

    /// <summary>Unix permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>Read-only attribute.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Target of a link.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Bytes that the file takes on the disk, if it has holes.</summary>
    public long? Allocated { get; init; }

    public static OfferedEntry Read(JsonElement entry) => new()
    {
        Name = entry.Text("n"u8),
        Kind = (int)entry.NumberOr("k"u8, 0, 0, 2),
        Length = entry.NumberOr("s"u8, 0, -1, WireLimits.FileBytes),
        Modified = entry.NumberOr("t"u8, 0, FirstTime, LastTime),
        Mode = entry.Find("m"u8) is { ValueKind: not JsonValueKind.Null } mode ? mode.GetInt32() : null,
        ReadOnly = entry.FlagOrFalse("r"u8),
        LinkTarget = entry.TextOrNull("l"u8),
        Allocated = entry.NumberOr("a"u8, -1, 0, WireLimits.FileBytes) is >= 0 and var allocated ? allocated : null,
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("n"u8, Name);
        json.NumberUnlessZero("k"u8, Kind);
        json.NumberUnlessZero("s"u8, Length);
        json.WriteNumber("t"u8, Modified);
        if (Mode is { } mode)
            json.WriteNumber("m"u8, mode);
        json.FlagIfTrue("r"u8, ReadOnly);
        json.TextIfAny("l"u8, LinkTarget);
        if (Allocated is { } allocated)
            json.WriteNumber("a"u8, allocated);
    }
}
