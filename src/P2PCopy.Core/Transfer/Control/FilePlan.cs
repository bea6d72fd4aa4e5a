using P2PCopy.Files.Delta;

namespace P2PCopy.Transfer.Control;

/// <summary>The pieces of a file in their order: what its partial holds, what the existing file holds, what travels.</summary>
internal sealed class FilePlan
{
    private FilePlan(FilePiece[] pieces, long sendLength)
    {
        Pieces = pieces;
        SendLength = sendLength;
    }

    /// <summary>They cover the file exactly once.</summary>
    public IReadOnlyList<FilePiece> Pieces { get; }

    /// <summary>Bytes that travel.</summary>
    public long SendLength { get; }

    /// <summary>True when something in the partial is of use.</summary>
    public bool Keeps => Pieces.Any(p => p.Kind == PieceKind.Keep);

    /// <summary>Puts the ranges of a checked plan in order.</summary>
    public static FilePlan Of(RebuildPlan plan)
    {
        FilePiece[] pieces =
        [
            .. plan.Keep.Select(r => new FilePiece(PieceKind.Keep, r.Offset, r.Offset, r.Length)),
            .. plan.Copy.Select(r => new FilePiece(PieceKind.Copy, r.To, r.From, r.Length)),
            .. plan.Send.Select(r => new FilePiece(PieceKind.Send, r.Offset, r.Offset, r.Length)),
        ];
        Array.Sort(pieces, (x, y) => x.Offset.CompareTo(y.Offset));
        return new FilePlan(pieces, plan.SendBytes);
    }
}

/// <summary>A stretch of a file.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Offset">Where it belongs in the file.</param>
/// <param name="From">Where it lies in the existing file, for a copy.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct FilePiece(PieceKind Kind, long Offset, long From, long Length);

/// <summary>Where a piece of a file comes from.</summary>
internal enum PieceKind
{
    Send,
    Keep,
    Copy,
}
