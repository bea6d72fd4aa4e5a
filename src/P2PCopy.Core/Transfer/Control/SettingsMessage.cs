using System.Text.Json;
using P2PCopy.Primitives;

namespace P2PCopy.Transfer.Control;

/// <summary>The first message of each side.</summary>
internal sealed record SettingsMessage : ControlMessage
{
    public const string Name = "settings";

    public override string Type => Name;

    /// <summary>Characters of <see cref="SenderName"/>.</summary>
    public const int MaxNameLength = 255;

    /// <summary>Compression codecs of this side, the preferred one first: <c>zstd</c>, <c>gzip</c>.</summary>
    public required string[] Codecs { get; init; }

    /// <summary>Bytes of chunks that this side allows to be unacknowledged.</summary>
    public required long Window { get; init; }

    /// <summary>Sender: bytes in a chunk before compression.</summary>
    public int ChunkSize { get; init; }

    /// <summary>Sender: whether trailers have a digest.</summary>
    public bool Hash { get; init; }

    /// <summary>Sender: its name, which is not authenticated; at most <see cref="MaxNameLength"/> characters are shown.</summary>
    public string? SenderName { get; init; }

    /// <summary>Receiver: what it reports as good or unchanged is on its disk.</summary>
    public bool Durable { get; init; }

    /// <summary>How this side connects directly; <see cref="DirectMode.Off"/> if it does not.</summary>
    public DirectMode Direct { get; init; } = DirectMode.Off;

    public static SettingsMessage Read(JsonElement message) => new()
    {
        Codecs = message.List("codecs"u8, codec => codec.GetString() ?? throw new JsonException("A codec is null.")),
        Window = message.Number("window"u8, WireLimits.Window),
        ChunkSize = (int)message.NumberOr("chunkSize"u8, 0, 0, OptionLimits.MaxChunkSize),
        Hash = message.FlagOrFalse("hash"u8),
        SenderName = message.TextOrNull("name"u8),
        Durable = message.FlagOrFalse("durable"u8),
        Direct = message.TextOrNull("direct"u8) switch
        {
            "auto" => DirectMode.Auto,
            "lan" => DirectMode.Lan,
            "only" => DirectMode.Only,
            _ => DirectMode.Off,
        },
    };

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("codecs"u8);
        foreach (string codec in Codecs)
            json.WriteStringValue(codec);
        json.WriteEndArray();
        json.WriteNumber("window"u8, Window);
        json.NumberUnlessZero("chunkSize"u8, ChunkSize);
        json.WriteBoolean("hash"u8, Hash);
        json.TextIfAny("name"u8, SenderName);
        json.FlagIfTrue("durable"u8, Durable);
        json.TextIfAny("direct"u8, Direct == DirectMode.Off ? null : Direct.ToString().ToLowerInvariant());
    }
}
