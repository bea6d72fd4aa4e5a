using P2PCopy.Files.Delta;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Control;

/// <summary>Plans of single files to and from the wire.</summary>
internal static class PlanCodec
{
    /// <summary>Ranges in a plan at most, so that a plan fits a page; the shortest savings beyond are sent instead.</summary>
    internal const int MostSavings = 8000;

    public static PlannedEntry Encode(long index, RebuildPlan plan) => new()
    {
        Index = index,
        Keep = [.. plan.Keep.SelectMany(r => (long[])[r.Offset, r.Length])],
        Copy = [.. plan.Copy.SelectMany(r => (long[])[r.To, r.From, r.Length])],
        Send = [.. plan.Send.SelectMany(r => (long[])[r.Offset, r.Length])],
    };

    /// <exception cref="P2PException">The plan is none.</exception>
    public static RebuildPlan Decode(PlannedEntry item, long length, long partialLength, long existingLength)
    {
        (long[] keep, long[] copy, long[] send) = (item.Keep ?? [], item.Copy ?? [], item.Send ?? []);
        if (keep.Length % 2 != 0 || copy.Length % 3 != 0 || send.Length % 2 != 0)
            throw ProtocolErrors.Malformed("a plan that is not whole");
        if ((keep.Length / 2) + (copy.Length / 3) > MostSavings || send.Length / 2 > MostSavings + 1)
            throw ProtocolErrors.Malformed("a plan of more ranges than one may have");
        var plan = new RebuildPlan(
            [.. keep.Chunk(2).Select(r => new FileRange(r[0], r[1]))],
            [.. copy.Chunk(3).Select(r => new CopyRange(r[0], r[1], r[2]))],
            [.. send.Chunk(2).Select(r => new FileRange(r[0], r[1]))]);
        return plan.Objection(length, partialLength, existingLength) is { } objection
            ? throw ProtocolErrors.Malformed($"a plan that cannot be followed: {objection}")
            : plan;
    }

    /// <summary>Gives up the shortest savings of a plan that has too many.</summary>
    public static RebuildPlan Bound(RebuildPlan plan, long length)
    {
        if (plan.Keep.Count + plan.Copy.Count <= MostSavings)
            return plan;
        List<FilePiece> longest =
        [
            .. FilePlan.Of(plan).Pieces.Where(p => p.Kind != PieceKind.Send)
                .OrderByDescending(p => p.Length).Take(MostSavings).OrderBy(p => p.Offset),
        ];
        List<FileRange> send = [];
        long at = 0;
        foreach (FilePiece piece in longest)
        {
            if (piece.Offset > at)
                send.Add(new FileRange(at, piece.Offset - at));
            at = piece.Offset + piece.Length;
        }

        if (at < length)
            send.Add(new FileRange(at, length - at));
        return new RebuildPlan(
            [.. longest.Where(p => p.Kind == PieceKind.Keep).Select(p => new FileRange(p.Offset, p.Length))],
            [.. longest.Where(p => p.Kind == PieceKind.Copy).Select(p => new CopyRange(p.Offset, p.From, p.Length))],
            send);
    }
}
