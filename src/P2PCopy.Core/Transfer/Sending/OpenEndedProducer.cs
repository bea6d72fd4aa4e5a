using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Sending;

/// <summary>Sends a stream of unknown length as the one item of its round: content, trailer, length, end mark.</summary>
internal sealed class OpenEndedProducer(
    PeerSession session,
    Stream input,
    SendItemContext context,
    int chunkSize,
    BufferPool pool,
    ChunkEncoder encoder,
    Func<int, CancellationToken, ValueTask> pace,
    Action<OpenEndedProducer> ended)
{
    private const int EndLength = Trailer.Length + sizeof(long);

    private readonly EncodedChunks _encoded = new(session, pace, ahead: 2);

    /// <summary>Bytes read so far.</summary>
    public long Length { get; private set; }

    /// <summary>SHA-256 of the content at the end; null without hash or after a failure.</summary>
    public byte[]? Digest { get; private set; }

    /// <summary>Why the stream could not be read to its end.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Sends everything, beginning with chunk <paramref name="number"/>.</summary>
    /// <returns>The number of the next round's first chunk.</returns>
    public async Task<long> RunAsync(long number, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<long> read = Task.Run(() => ReadAllAsync(number, stop.Token), CancellationToken.None);
        try
        {
            await _encoded.SendAllAsync(stop.Token).ConfigureAwait(false);
            return await read.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads ahead of digesting, which runs ahead of encoding, which runs ahead of sending; each stage is bounded.</summary>
    private async Task<long> ReadAllAsync(long number, CancellationToken cancellationToken)
    {
        using IncrementalHash? hash = context.Hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        Task digesting = Task.CompletedTask;
        try
        {
            byte[]? end = null;
            int endSent = 0;
            while (end is null || endSent < EndLength)
            {
                byte[] buffer = pool.Rent();
                Memory<byte> room = buffer.AsMemory(OutgoingRecord.HeaderLength, chunkSize);
                int filled = 0;
                if (end is null)
                {
                    filled = await ReadAsync(room, cancellationToken).ConfigureAwait(false);
                    Length += filled;
                    digesting = DigestAsync(digesting, hash, room[..filled]);
                    if (filled < chunkSize)
                    {
                        // Told before the end is sent: the result may be back before the sending call is.
                        await digesting.ConfigureAwait(false);
                        end = MakeEnd(hash);
                        ended(this);
                    }
                }

                if (end is not null)
                {
                    int part = Math.Min(EndLength - endSent, chunkSize - filled);
                    end.AsSpan(endSent, part).CopyTo(room.Span[filled..]);
                    filled += part;
                    endSent += part;
                }

                Task<OutgoingChunk> encoding = EncodeAsync(digesting, number++, isLast: endSent == EndLength, buffer, filled);
                await _encoded.AddAsync(encoding, cancellationToken).ConfigureAwait(false);
            }

            _encoded.Complete();
            return number;
        }
        catch (Exception e)
        {
            _encoded.Complete(e);
            throw;
        }
        finally
        {
            await digesting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it uses the hash
        }
    }

    private static async Task DigestAsync(Task before, IncrementalHash? hash, ReadOnlyMemory<byte> content)
    {
        await before.ConfigureAwait(false);
        if (hash is not null)
            await Task.Run(() => hash.AppendData(content.Span)).ConfigureAwait(false);
    }

    private async Task<OutgoingChunk> EncodeAsync(Task digesting, long number, bool isLast, byte[] buffer, int length)
    {
        await digesting.ConfigureAwait(false); // encoding may give the buffer back
        return await Task.Run(() => encoder.Encode(number, isLast, buffer, length, startsFile: false)).ConfigureAwait(false);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        int filled = 0;
        try
        {
            while (filled < room.Length)
            {
                // Many streams, a pipe among them, cannot be cancelled while they wait for data: such a read is left to itself.
                int read = await input.ReadAsync(room[filled..], cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                filled += read;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failure = e;
        }

        return filled;
    }

    private byte[] MakeEnd(IncrementalHash? hash)
    {
        byte[] end = new byte[EndLength];
        Digest = Failure is null ? hash?.GetHashAndReset() : null;
        byte status = Failure is not null ? Trailer.Failed : context.Hash ? Trailer.Good : Trailer.GoodWithoutHash;
        Trailer.Write(end, context.TrailerKey.Span, context.Round, 0, status, Length, Digest ?? Trailer.NoDigest);
        BinaryPrimitives.WriteInt64BigEndian(end.AsSpan(Trailer.Length), Length);
        return end;
    }
}
