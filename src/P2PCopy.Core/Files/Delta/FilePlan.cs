namespace P2PCopy.Files.Delta;

/// <summary>
/// The pieces of a file in order: ranges that the partial file has, ranges that the existing file has at any place, and ranges that
/// are sent. A sender does not distinguish the first two; both are <see cref="PieceKind.Keep"/>.
/// </summary>
internal sealed class FilePlan
{
    private readonly List<FilePiece> _pieces = [];
    private long _length;

    /// <summary>They cover the file exactly once. Adjacent pieces of the same kind are merged.</summary>
    public IReadOnlyList<FilePiece> Pieces => _pieces;

    /// <summary>Bytes that are sent.</summary>
    public long SendLength { get; private set; }

    /// <summary>True if a part of the partial file is used.</summary>
    public bool Keeps => _pieces.Exists(p => p.Kind == PieceKind.Keep);

    /// <summary>True if the existing file, of this length, is the new content.</summary>
    public bool IsExisting(long existingLength)
        => existingLength == _length && _pieces is [{ Kind: PieceKind.Copy, From: 0 } only] && only.Length == _length;

    /// <summary>Adds the next piece.</summary>
    /// <param name="kind">Where it comes from.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="from">Where it is in the existing file, for a copy.</param>
    public void Add(PieceKind kind, long length, long from = 0)
    {
        if (length == 0)
            return;
        if (kind != PieceKind.Copy)
            from = _length;
        if (_pieces.Count > 0 && _pieces[^1] is var last && last.Kind == kind && last.From + last.Length == from)
            _pieces[^1] = last with { Length = last.Length + length };
        else
            _pieces.Add(new FilePiece(kind, _length, from, length));
        _length += length;
        if (kind == PieceKind.Send)
            SendLength += length;
    }

    /// <summary>The rest of a file of this length is sent.</summary>
    public void Complete(long length) => Add(PieceKind.Send, length - _length);
}

/// <summary>A range of a file.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Offset">Where it belongs in the file.</param>
/// <param name="From">Where it is in the existing file, for a copy.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct FilePiece(PieceKind Kind, long Offset, long From, long Length);

/// <summary>Where a piece of a file comes from.</summary>
internal enum PieceKind
{
    Send,
    Keep,
    Copy,
}
