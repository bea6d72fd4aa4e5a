using System.Buffers.Binary;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// Receives one item of the content: writes it, hashes it in the order of the file, and completes the destination if the trailer
/// agrees. An error is kept as the failure of the item, and the rest of its bytes is ignored.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class ItemWriter(ContentItem item, IncomingEntry entry, ItemContext context) : IDisposable
{
    /// <summary>The length from which a piece is written and hashed at the same time, in a second task.</summary>
    private const int OverlapThreshold = 256 << 10;

    /// <summary>Trailer and length: what may be at the end of a stream of unknown length.</summary>
    private const int OpenEndedTail = Trailer.Length + sizeof(long);

    private readonly FileDigest? _digest = StartDigest(item, entry, context);
    private readonly byte[] _tail = new byte[OpenEndedTail];
    private IContentSink? _sink;
    private P2PException? _failure;
    private long _position; // in the item's stream bytes
    private int _piece; // of the plan
    private long _pieceDone;
    private long _written; // bytes of content of an open-ended item
    private int _tailLength;

    public ContentItem Item => item;

    /// <summary>The result of the item; null until its trailer has arrived.</summary>
    public ItemOutcome? Outcome { get; private set; }

    /// <summary>Bytes of content so far.</summary>
    public long Done => item.IsOpenEnded ? _written : Math.Min(_position, item.DataLength);

    /// <summary>All bytes of the item have arrived, and <see cref="FinishAsync"/> is next. An item of unknown length never says so.</summary>
    public bool IsWhole => !item.IsOpenEnded && _position == item.ContentLength;

    /// <summary>Receives the next bytes of the item.</summary>
    public async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (item.IsOpenEnded)
        {
            await TakeOpenEndedAsync(bytes, cancellationToken).ConfigureAwait(false);
            return;
        }

        long dataLeft = item.DataLength - _position;
        if (dataLeft > 0)
        {
            ReadOnlyMemory<byte> data = bytes[..(int)Math.Min(dataLeft, bytes.Length)];
            if (item.Plan is { } plan)
                await TakePlannedAsync(plan, data, cancellationToken).ConfigureAwait(false);
            else
                await TakeContentAsync(_position, data, cancellationToken).ConfigureAwait(false);
            _position += data.Length;
            bytes = bytes[data.Length..];
        }

        if (bytes.IsEmpty)
            return;
        bytes.CopyTo(_tail.AsMemory((int)(_position - item.DataLength)));
        _position += bytes.Length;
    }

    /// <summary>Verifies and completes an item that is whole.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (item.Plan is { } plan)
            RestoreUpToSent(plan, cancellationToken);
        await EndAsync(item.FileLength, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Skips bytes of content that the sender announced as void.</summary>
    public void Skip(long length) => _position += length;

    /// <summary>Completes an item of unknown length after its last chunk.</summary>
    public ValueTask FinishOpenEndedAsync(CancellationToken cancellationToken)
    {
        if (_tailLength < OpenEndedTail || BinaryPrimitives.ReadInt64BigEndian(_tail.AsSpan(Trailer.Length)) != _written)
        {
            throw new P2PException(P2PErrorCode.ProtocolError, "The stream ended without its trailer.")
            {
                Hint = "Use the same release on both sides.",
            };
        }

        return EndAsync(_written, cancellationToken);
    }

    /// <summary>Abandons an item that is not complete; its partial stays if it may be resumed.</summary>
    public void Dispose()
    {
        if (Outcome is null)
            _sink?.Abandon(KeepsPartial);
        _digest?.Dispose();
    }

    /// <summary>Of files too short for blocks, and of those of unknown length, a later run could use nothing.</summary>
    private bool KeepsPartial => context.KeepPartials && item.FileLength >= BlockParameters.LeastLength;

    private async ValueTask TakeOpenEndedAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // Everything except the last bytes is certainly content.
        int content = Math.Max(0, _tailLength + bytes.Length - OpenEndedTail);
        if (_written + content > context.MaxOpenEnded)
        {
            // This must end the transfer. If only the item failed, its rest would be ignored without an end.
            throw new P2PException(P2PErrorCode.LimitExceeded, "The stream is longer than the receiver accepts (`MaxSize`).");
        }

        int fromTail = Math.Min(content, _tailLength);
        if (fromTail > 0)
        {
            byte[] released = _tail.AsSpan(0, fromTail).ToArray();
            await TakeContentAsync(_written, released, cancellationToken).ConfigureAwait(false);
            _written += fromTail;
            _tail.AsSpan(fromTail, _tailLength - fromTail).CopyTo(_tail);
            _tailLength -= fromTail;
        }

        int direct = content - fromTail;
        if (direct > 0)
        {
            await TakeContentAsync(_written, bytes[..direct], cancellationToken).ConfigureAwait(false);
            _written += direct;
        }

        bytes.Span[direct..].CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += bytes.Length - direct;
    }

    private static FileDigest? StartDigest(ContentItem item, IncomingEntry entry, ItemContext context)
        => context.Trailers.Hash && entry.Prefix is { } prefix && prefix.Fits(item.Plan)
            ? new FileDigest(item.FileLength, prefix.Take())
            : context.Trailers.StartDigest(item.IsOpenEnded ? -1 : item.FileLength);

    private async ValueTask TakePlannedAsync(FilePlan plan, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            RestoreUpToSent(plan, cancellationToken);
            FilePiece piece = plan.Pieces[_piece];
            int part = (int)Math.Min(piece.Length - _pieceDone, data.Length);
            await TakeContentAsync(piece.Offset + _pieceDone, data[..part], cancellationToken).ConfigureAwait(false);
            data = data[part..];
            _pieceDone += part;
            if (_pieceDone == piece.Length)
            {
                _piece++;
                _pieceDone = 0;
            }
        }
    }

    /// <summary>Copies the pieces that are not sent, in the order of the file, up to the next piece that is sent.</summary>
    private void RestoreUpToSent(FilePlan plan, CancellationToken cancellationToken)
    {
        for (; _piece < plan.Pieces.Count && plan.Pieces[_piece].Kind != PieceKind.Send; _piece++)
        {
            FilePiece piece = plan.Pieces[_piece];
            context.Meter.AddReused(piece.Length);
            if (_failure is not null || (_piece == 0 && entry.Prefix is { IsTaken: true }))
                continue;
            try
            {
                _sink ??= context.Output.Open(entry, item);
                _sink.Restore(piece, _digest, cancellationToken);
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

    private async ValueTask TakeContentAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.Meter.AddBytes(data.Length);
        if (_failure is not null)
            return;
        try
        {
            IContentSink sink = _sink ??= context.Output.Open(entry, item);
            if (_digest is not null && data.Length >= OverlapThreshold)
            {
                Task write = Work.Run(() => sink.WriteAsync(offset, data, cancellationToken).AsTask(), CancellationToken.None);
                _digest.Append(data.Span);
                await write.ConfigureAwait(false);
            }
            else
            {
                await sink.WriteAsync(offset, data, cancellationToken).ConfigureAwait(false);
                _digest?.Append(data.Span);
            }
        }
        catch (P2PException e)
        {
            Fail(e);
        }
    }

    private async ValueTask EndAsync(long length, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? digest = Verify(length);
            _sink ??= context.Output.Open(entry, item);
            CommitResult result = await _sink.CommitAsync(entry.Offered, length, digest, cancellationToken).ConfigureAwait(false);
            Outcome = new ItemOutcome(result, length, digest, null);
        }
        catch (P2PException e)
        {
            // A partial with wrong content is of no use for a later run.
            _sink?.Abandon(KeepsPartial && e.Code != P2PErrorCode.IntegrityCheckFailed);
            Outcome = new ItemOutcome(null, length, null, e);
        }
    }

    /// <summary>Compares the received content with the trailer.</summary>
    /// <returns>The SHA-256; null without hash.</returns>
    /// <exception cref="P2PException">The item failed on either side.</exception>
    private byte[]? Verify(long length)
    {
        if (_failure is not null)
            throw _failure;
        byte status = _tail[0];
        byte[]? digest = status == Trailer.Good ? _digest?.End() : null;
        string name = VisibleText.Name(entry.Offered.Name);
        if (!context.Trailers.Matches(_tail.AsSpan(0, Trailer.Length), item.Index, length, digest))
        {
            throw new P2PException(P2PErrorCode.IntegrityCheckFailed, $"\"{name}\" did not arrive as it was sent: the SHA-256 differs.")
            {
                Hint = "Nothing was replaced. Run again.",
            };
        }

        if (status == Trailer.Failed)
            throw new P2PException(P2PErrorCode.FileReadError, $"\"{name}\" could not be read by the sender, or changed while it was read.");
        if (status != (context.Trailers.Hash ? Trailer.Good : Trailer.GoodWithoutHash))
            throw new P2PException(P2PErrorCode.IntegrityCheckFailed, $"\"{name}\" came without the SHA-256 that was agreed on.");
        return digest;
    }
}

/// <summary>The result of an item: written or failed.</summary>
internal sealed record ItemOutcome(CommitResult? Written, long Length, byte[]? Digest, P2PException? Failure);
