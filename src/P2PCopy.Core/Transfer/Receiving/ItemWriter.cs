using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Takes in one item of the stream: writes its content, digests it in the order of the file, and when the trailer agrees
/// makes it the destination. Trouble is kept as the item's failure; the rest of its bytes is then passed over.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class ItemWriter(ContentItem item, ManifestEntry entry, ItemContext context, PrefixDigest? prefix = null) : IDisposable
{
    /// <summary>Writing and digesting a piece this long at the same time is worth a task.</summary>
    private const int OverlapThreshold = 256 << 10;

    /// <summary>Trailer and length: what may be at the end of a stream of unknown length.</summary>
    private const int OpenEndedTail = Trailer.Length + sizeof(long);

    private readonly IncrementalHash? _hash = context.Hash ? StartHash(item, prefix) : null;
    private readonly byte[] _tail = new byte[OpenEndedTail];
    private IContentSink? _sink;
    private P2PException? _failure;
    private long _position; // in the item's stream bytes
    private int _piece; // of the plan
    private long _pieceDone;
    private long _written; // bytes of content of an open-ended item
    private int _tailLength;

    public ContentItem Item => item;

    /// <summary>What became of the item; null until its trailer has come.</summary>
    public ItemOutcome? Outcome { get; private set; }

    /// <summary>Bytes of content so far.</summary>
    public long Done => item.IsOpenEnded ? _written : Math.Min(_position, item.DataLength);

    /// <summary>Takes the next bytes of the item's stream.</summary>
    public void Take(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (item.IsOpenEnded)
        {
            TakeOpenEnded(bytes, cancellationToken);
            return;
        }

        long dataLeft = item.DataLength - _position;
        if (dataLeft > 0)
        {
            ReadOnlyMemory<byte> data = bytes[..(int)Math.Min(dataLeft, bytes.Length)];
            if (item.Plan is { } plan)
                TakePlanned(plan, data, cancellationToken);
            else
                TakeContent(_position, data, cancellationToken);
            _position += data.Length;
            bytes = bytes[data.Length..];
        }

        if (bytes.IsEmpty)
            return;
        bytes.CopyTo(_tail.AsMemory((int)(_position - item.DataLength)));
        _position += bytes.Length;
        if (_position != item.ContentLength)
            return;
        if (item.Plan is { } whole)
            RestoreUpToSent(whole, cancellationToken);
        Finish(item.FileLength);
    }

    /// <summary>Bytes of content that the sender announced as not coming.</summary>
    public void Skip(long length) => _position += length;

    /// <summary>The last chunk of an open-ended item has been taken.</summary>
    public void FinishOpenEnded()
    {
        if (_tailLength < OpenEndedTail || BinaryPrimitives.ReadInt64BigEndian(_tail.AsSpan(Trailer.Length)) != _written)
            throw new P2PException(P2PErrorCode.ProtocolError, "The stream ended without its trailer. Use the same release on both sides.");
        Finish(_written);
    }

    /// <summary>Gives up an item that is not finished; its partial stays if it is asked for.</summary>
    public void Dispose()
    {
        if (Outcome is null)
            _sink?.Abandon(KeepsPartial);
        _hash?.Dispose();
    }

    /// <summary>Of files too short for blocks, and of those of unknown length, a later run could use nothing.</summary>
    private bool KeepsPartial => context.KeepPartials && item.FileLength >= BlockParameters.LeastLength;

    private void TakeOpenEnded(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // All but the last bytes so far is content for certain.
        int content = Math.Max(0, _tailLength + bytes.Length - OpenEndedTail);
        if (_written + content > context.MaxOpenEnded)
        {
            // Not this item's failure alone, whose rest would then be passed over for as long as it comes.
            throw new P2PException(P2PErrorCode.LimitExceeded, "The stream is longer than the receiver accepts (`MaxSize`).");
        }

        int fromTail = Math.Min(content, _tailLength);
        if (fromTail > 0)
        {
            byte[] released = _tail.AsSpan(0, fromTail).ToArray();
            TakeContent(_written, released, cancellationToken);
            _written += fromTail;
            _tail.AsSpan(fromTail, _tailLength - fromTail).CopyTo(_tail);
            _tailLength -= fromTail;
        }

        int direct = content - fromTail;
        if (direct > 0)
        {
            TakeContent(_written, bytes[..direct], cancellationToken);
            _written += direct;
        }

        bytes.Span[direct..].CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += bytes.Length - direct;
    }

    private static IncrementalHash StartHash(ContentItem item, PrefixDigest? prefix)
        => prefix is not null && prefix.Fits(item.Plan) ? prefix.Take() : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private void TakePlanned(FilePlan plan, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            RestoreUpToSent(plan, cancellationToken);
            FilePiece piece = plan.Pieces[_piece];
            int part = (int)Math.Min(piece.Length - _pieceDone, data.Length);
            TakeContent(piece.Offset + _pieceDone, data[..part], cancellationToken);
            data = data[part..];
            _pieceDone += part;
            if (_pieceDone == piece.Length)
            {
                _piece++;
                _pieceDone = 0;
            }
        }
    }

    /// <summary>Gets the pieces that do not travel, in the order of the file, up to the next one that does.</summary>
    private void RestoreUpToSent(FilePlan plan, CancellationToken cancellationToken)
    {
        for (; _piece < plan.Pieces.Count && plan.Pieces[_piece].Kind != PieceKind.Send; _piece++)
        {
            FilePiece piece = plan.Pieces[_piece];
            context.Meter.AddBytes(piece.Length);
            if (_failure is not null || (_piece == 0 && prefix is { IsTaken: true }))
                continue;
            try
            {
                _sink ??= context.OpenSink(item);
                _sink.Restore(piece, _hash, cancellationToken);
            }
            catch (P2PException e)
            {
                Fail(e);
            }
        }
    }

    private void Fail(P2PException e)
    {
        _failure = e;
        _sink?.Abandon(KeepsPartial);
    }

    private void TakeContent(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.Meter.AddBytes(data.Length);
        if (_failure is not null)
            return;
        try
        {
            _sink ??= context.OpenSink(item);
            if (_hash is not null && data.Length >= OverlapThreshold)
            {
                Task write = Task.Run(() => _sink.Write(offset, data.Span), CancellationToken.None);
                _hash.AppendData(data.Span);
                write.GetAwaiter().GetResult(); // digesting takes longer, but on a slow disk: then this is the thread that waits for it
            }
            else
            {
                _sink.Write(offset, data.Span);
                _hash?.AppendData(data.Span);
            }
        }
        catch (P2PException e)
        {
            Fail(e);
        }
    }

    private void Finish(long length)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        digest.Clear();
        ReadOnlySpan<byte> trailer = _tail.AsSpan(0, Trailer.Length);
        if (trailer[0] == Trailer.Good)
            _hash?.GetHashAndReset(digest);
        bool matches = Trailer.Matches(trailer, context.TrailerKey.Span, context.Round, item.Index, length, digest);
        try
        {
            if (_failure is not null)
                throw _failure;
            if (!matches)
                throw new P2PException(P2PErrorCode.IntegrityCheckFailed, $"\"{VisibleText.Name(entry.Name)}\" did not arrive as it was sent: the SHA-256 differs. Nothing was replaced; run again.");
            if (trailer[0] == Trailer.Failed)
                throw new P2PException(P2PErrorCode.FileReadError, $"\"{VisibleText.Name(entry.Name)}\" could not be read by the sender, or changed while it was read.");
            if (trailer[0] != (context.Hash ? Trailer.Good : Trailer.GoodWithoutHash))
                throw new P2PException(P2PErrorCode.IntegrityCheckFailed, $"\"{VisibleText.Name(entry.Name)}\" came without the SHA-256 that was agreed on.");
            _sink ??= context.OpenSink(item);
            CommitResult result = _sink.Commit(entry, length);
            Outcome = new ItemOutcome(result, length, context.Hash ? digest.ToArray() : null, null);
        }
        catch (P2PException e)
        {
            // A partial whose content is known to be wrong is of no use to a later run.
            _sink?.Abandon(KeepsPartial && e.Code != P2PErrorCode.IntegrityCheckFailed);
            Outcome = new ItemOutcome(null, length, null, e);
        }
    }
}

/// <summary>What the items of a round have in common.</summary>
internal sealed record ItemContext(
    int Round,
    bool Hash,
    bool KeepPartials,
    ReadOnlyMemory<byte> TrailerKey,
    TransferMeter Meter,
    Func<ContentItem, IContentSink> OpenSink)
{
    /// <summary>Bytes of content that a stream of unknown length may have.</summary>
    public long MaxOpenEnded { get; init; } = long.MaxValue;
}

/// <summary>What became of an item: written, or failed.</summary>
internal sealed record ItemOutcome(CommitResult? Written, long Length, byte[]? Digest, P2PException? Failure);
