using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Reads one item of the content, in order: the bytes of its file, which it hashes, then the trailer. A file that cannot be read
/// becomes zeros to its end and a trailer that marks it as failed. If the comparison of blocks has already given the digest, only
/// the bytes that are sent are read.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class ItemReader(ContentItem item, SourceEntry source, RoundTrailers trailers, byte[]? knownDigest = null) : IDisposable
{
    private const int GapBuffer = 256 << 10;

    private readonly byte[] _trailer = new byte[Trailer.Length];
    private readonly FileDigest? _digest = knownDigest is null ? trailers.StartDigest(item.FileLength) : null;
    private SourceReader? _reader;
    private long _position; // in the item's stream bytes
    private int _piece; // of the plan
    private long _pieceDone;
    private bool _trailerMade;

    public ContentItem Item => item;

    /// <summary>The folder of the item before, for items that are read one after the other.</summary>
    public LatestFolder? Folder { private get; init; }

    /// <summary>The failure of the file; null if there is none.</summary>
    public SourceFailedException? Failure { get; private set; }

    /// <summary>SHA-256 of the file, after the trailer was read.</summary>
    public byte[]? Digest { get; private set; }

    /// <summary>Whether the whole item was read.</summary>
    public bool IsFinished => _position == item.ContentLength;

    /// <summary>Bytes of content that were not read yet.</summary>
    public long DataLeft => Math.Max(0, item.DataLength - _position);

    public long Done => Math.Min(_position, item.DataLength);

    /// <summary>Reads the next bytes of the item.</summary>
    public void Fill(Span<byte> destination)
    {
        int data = (int)Math.Min(DataLeft, destination.Length);
        if (data > 0)
        {
            FillData(destination[..data]);
            _position += data;
            destination = destination[data..];
        }

        if (destination.IsEmpty)
            return;
        if (!_trailerMade)
            MakeTrailer();
        _trailer.AsSpan((int)(_position - item.DataLength), destination.Length).CopyTo(destination);
        _position += destination.Length;
    }

    /// <summary>Skips content that will not be sent, after a failure.</summary>
    public void Skip(long length) => _position += length;

    public void Dispose()
    {
        _reader?.Dispose();
        _digest?.Dispose();
    }

    private void FillData(Span<byte> destination)
    {
        if (Failure is null)
        {
            try
            {
                _reader ??= SourceReader.Open(source, Folder);
                if (item.Plan is { } plan)
                    ReadPlanned(plan, destination);
                else
                    Read(_position, destination);
                return;
            }
            catch (SourceFailedException e)
            {
                Failure = e;
            }
        }

        destination.Clear();
    }

    private void Read(long offset, Span<byte> destination)
    {
        _reader!.Read(offset, destination);
        _digest?.Append(destination);
    }

    private void ReadPlanned(FilePlan plan, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            FilePiece piece = plan.Pieces[_piece];
            if (piece.Kind != PieceKind.Send)
            {
                DigestGap(piece);
                _piece++;
                continue;
            }

            int part = (int)Math.Min(piece.Length - _pieceDone, destination.Length);
            Read(piece.Offset + _pieceDone, destination[..part]);
            destination = destination[part..];
            _pieceDone += part;
            if (_pieceDone == piece.Length)
            {
                _piece++;
                _pieceDone = 0;
            }
        }
    }

    /// <summary>Reads content that the receiver already has, because it is a part of the digest of the file.</summary>
    private void DigestGap(FilePiece piece)
    {
        if (_digest is null)
            return;
        byte[] buffer = new byte[(int)Math.Min(GapBuffer, piece.Length)];
        for (long done = 0; done < piece.Length;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, piece.Length - done));
            Read(piece.Offset + done, part);
            done += part.Length;
        }
    }

    private void MakeTrailer()
    {
        _trailerMade = true;
        if (Failure is null)
        {
            try
            {
                _reader ??= SourceReader.Open(source, Folder);
                for (; item.Plan is { } plan && _piece < plan.Pieces.Count; _piece++)
                    DigestGap(plan.Pieces[_piece]);
                _reader.VerifyUnchanged();
                Digest = knownDigest ?? _digest?.End();
            }
            catch (SourceFailedException e)
            {
                Failure = e;
            }
        }

        trailers.Write(_trailer, item.Index, item.FileLength, Digest, hasFailed: Failure is not null);
        _reader?.Dispose();
        _digest?.Dispose();
    }
}
