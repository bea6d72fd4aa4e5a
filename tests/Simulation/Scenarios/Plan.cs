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

    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>The side that means harm; null if both are honest.</summary>
    public required PeerRole? Hostile { get; init; }

    public required double HostilePercent { get; init; }

    public static Plan Draw(Chance chance)
    {
        bool encrypt = !chance.Percent(10);
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
            Faults = Fault.Draw(chance),
            Hostile = chance.Percent(15) ? chance.Of(PeerRole.Send, PeerRole.Receive) : null,
            HostilePercent = chance.Of(1, 3, 10, 30),
        };
    }

    public override string ToString()
        => $"{Files.Count} files, {Policy}, chunks of {ChunkSize}, {Connections} connections, {Retry.TotalSeconds} s retry"
            + $"{(WholeFile ? ", whole files" : "")}{(Checksum ? ", checksum" : "")}{(Durable ? ", durable" : "")}{(DiscardPartial ? ", discard partial" : "")}"
            + $"{(Hash ? "" : ", no hash")}{(Encrypt ? "" : ", not encrypted")}{(Hostile is { } hostile ? $", hostile {hostile}" : "")}; {string.Join("; ", Faults)}";
}
