using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>What a run does, drawn from its seed before it begins.</summary>
internal sealed class Plan
{
    /// <summary>All disturbances end by this time, so that every run can be judged.</summary>
    public static readonly TimeSpan LastFault = TimeSpan.FromSeconds(90);

    public required IReadOnlyList<PlannedFile> Files { get; init; }

    public required ConflictPolicy Policy { get; init; }

    public required int ChunkSize { get; init; }

    public required int Connections { get; init; }

    public required bool WholeFile { get; init; }

    public required bool Checksum { get; init; }

    public required bool Durable { get; init; }

    public required bool DiscardPartial { get; init; }

    public required bool Hash { get; init; }

    public required bool Encrypt { get; init; }

    public required PayloadCompression Compression { get; init; }

    public required TimeSpan Silence { get; init; }

    public required TimeSpan Retry { get; init; }

    /// <summary>How each side connects directly.</summary>
    public required IReadOnlyDictionary<PeerRole, DirectMode> Direct { get; init; }

    /// <summary>The sides whose packets reach the addresses of the other one.</summary>
    public required IReadOnlyList<PeerRole> Reaching { get; init; }

    /// <summary>There is no direct way.</summary>
    public required bool IsSeparated { get; init; }

    /// <summary>Whether the relay tells where it sees a port, and whether a router between keeps its number.</summary>
    public required (bool IsTold, bool IsKept) Observation { get; init; }

    /// <summary>The lines to the relay at the beginning.</summary>
    public required Speed Relayed { get; init; }

    /// <summary>The direct way at the beginning.</summary>
    public required Speed Directly { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>The side that means harm; null if both are honest.</summary>
    public required PeerRole? Hostile { get; init; }

    public required double HostilePercent { get; init; }

    /// <summary>Whether direct connections are made.</summary>
    public bool IsDirect => Direct.Values.All(mode => mode != DirectMode.Off);

    public static Plan Draw(Chance chance)
    {
        bool encrypt = !chance.Percent(10);
        DirectMode mode = chance.Percent(50) ? DirectMode.Off : chance.Of(DirectMode.Auto, DirectMode.Auto, DirectMode.Lan, DirectMode.Only);
        bool isSlow = mode != DirectMode.Off && chance.Percent(50);
        int files = chance.Percent(10) ? chance.Between(10, 60) : chance.Between(1, 8);
        return new Plan
        {
            Files = [.. Enumerable.Range(0, files).Select(number => PlannedFile.Draw(chance, number))],
            Policy = chance.Percent(50) ? ConflictPolicy.Update
                : chance.Of(ConflictPolicy.Overwrite, ConflictPolicy.Skip, ConflictPolicy.Rename, ConflictPolicy.Newer, ConflictPolicy.Fail),
            ChunkSize = chance.Of(512, 700, 1024, 2048),
            Connections = chance.Percent(60) ? 1 : chance.Of(0, 2, 3, 4, 8),
            WholeFile = chance.Percent(20),
            Checksum = chance.Percent(15),
            Durable = chance.Percent(30),
            DiscardPartial = chance.Percent(10),
            Hash = !encrypt || !chance.Percent(10),
            Encrypt = encrypt,
            Compression = chance.Percent(80) ? PayloadCompression.Off : PayloadCompression.Auto,
            Silence = TimeSpan.FromSeconds(chance.Of(5, 10, 30)),
            Retry = TimeSpan.FromSeconds(chance.Of(20, 60, 120)),
            Direct = new Dictionary<PeerRole, DirectMode>
            {
                [PeerRole.Send] = mode,
                [PeerRole.Receive] = mode is DirectMode.Off or DirectMode.Only || !chance.Percent(10) ? mode : chance.Of(DirectMode.Auto, DirectMode.Lan, DirectMode.Off),
            },
            Reaching = chance.Percent(60) ? [PeerRole.Send, PeerRole.Receive] : chance.Of<PeerRole[]>([PeerRole.Send], [PeerRole.Receive], []),
            IsSeparated = chance.Percent(15),
            Observation = (chance.Percent(70), chance.Percent(70)),
            Relayed = isSlow ? Speed.Draw(chance) : Speed.Fast,
            Directly = isSlow ? Speed.Draw(chance) : Speed.Fast,
            Faults = Fault.Draw(chance, mode != DirectMode.Off),
            Hostile = chance.Percent(15) ? chance.Of(PeerRole.Send, PeerRole.Receive) : null,
            HostilePercent = chance.Of(1, 3, 10, 30),
        };
    }

    public override string ToString()
        => $"{Files.Count} files, {Policy}, chunks of {ChunkSize}, {Connections} connections, {Retry.TotalSeconds} s retry"
            + $"{(WholeFile ? ", whole files" : "")}{(Checksum ? ", checksum" : "")}{(Durable ? ", durable" : "")}{(DiscardPartial ? ", discard partial" : "")}"
            + $"{(Hash ? "" : ", no hash")}{(Encrypt ? "" : ", not encrypted")}{(IsDirect ? $", direct {string.Join('/', Direct.Values)}, {(IsSeparated ? "none can" : string.Join(" and ", Reaching))} reach, {Directly}, relay {Relayed}" : "")}{(Hostile is { } hostile ? $", hostile {hostile}" : "")}; {string.Join("; ", Faults)}";
}

/// <summary>How fast a way is.</summary>
internal sealed record Speed(TimeSpan Latency, double BytesPerSecond)
{
    /// <summary>The speed of most runs.</summary>
    public static Speed Fast { get; } = new(TimeSpan.FromMilliseconds(1), 10_000_000);

    public static Speed Draw(Chance chance) => new(chance.Time(0.001, 0.3), chance.Of(5_000, 20_000, 100_000, 1_000_000));

    public override string ToString() => $"{Latency.TotalMilliseconds:0} ms {BytesPerSecond:0} B/s";
}
