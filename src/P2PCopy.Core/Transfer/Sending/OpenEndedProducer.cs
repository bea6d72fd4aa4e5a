using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Sending;

/// <summary>Sends a stream of unknown length as the one item of its round: content, trailer, length, end mark.</summary>
/// <param name="context">The session.</param>
/// <param name="round">The round.</param>
/// <param name="input">The stream.</param>
internal sealed class OpenEndedProducer(SendContext context, SendRound round, Stream input)
{
    private const int EndLength = Trailer.Length + sizeof(long);

    private readonly EncodedChunks _encoded = new(context, ahead: 2);
    private readonly int _chunkSize = context.Options.ChunkSize;
    private long _length;
    private string? _failure;

    /// <summary>Sends everything, beginning with chunk <paramref name="number"/>.</summary>
    /// <returns>The number of the next round's first chunk.</returns>
    public Task<long> RunAsync(long number, CancellationToken cancellationToken)
        => _encoded.SendAllAsync(stop => ReadAllAsync(number, stop), cancellationToken);

    /// <summary>Reading runs ahead of hashing, hashing ahead of encoding, and encoding ahead of sending; each stage is limited.</summary>
    private async Task<long> ReadAllAsync(long number, CancellationToken cancellationToken)
    {
        using IncrementalHash? hash = round.Trailers.StartHash();
        Task digesting = Task.CompletedTask;
        try
        {
            byte[]? end = null;
            int endSent = 0;
            while (end is null || endSent < EndLength)
            {
                byte[] buffer = context.Pool.Rent();
                Memory<byte> room = buffer.AsMemory(OutgoingRecord.HeaderLength, _chunkSize);
                int filled = 0;
                if (end is null)
                {
                    filled = await ReadAsync(room, cancellationToken).ConfigureAwait(false);
                    _length += filled;
                    digesting = DigestAsync(digesting, hash, room[..filled]);
                    if (filled < _chunkSize)
                    {
                        // Noted before the end is sent, because the result may arrive before the call returns.
                        await digesting.ConfigureAwait(false);
                        end = MakeEnd(hash);
                    }
                }

                if (end is not null)
                {
                    int part = Math.Min(EndLength - endSent, _chunkSize - filled);
                    end.AsSpan(endSent, part).CopyTo(room.Span[filled..]);
                    filled += part;
                    endSent += part;
                }

                // Encoding may give the buffer back, so digesting must have ended.
                var chunk = new RawChunk(number++, buffer, filled) { IsLast = endSent == EndLength };
                await _encoded.AddAsync(chunk, digesting, cancellationToken).ConfigureAwait(false);
            }

            return number;
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
            await Work.Run(() => hash.AppendData(content.Span)).ConfigureAwait(false);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        int filled = 0;
        try
        {
            while (filled < room.Length)
            {
                // A read of many streams, such as a pipe, cannot be cancelled while it waits for data. Such a read is abandoned.
                int read = await input.ReadAsync(room[filled..], cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                filled += read;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failure = e.Message;
        }

        return filled;
    }

    private byte[] MakeEnd(IncrementalHash? hash)
    {
        byte[] end = new byte[EndLength];
        byte[]? digest = _failure is null ? hash?.GetHashAndReset() : null;
        round.Trailers.Write(end, index: 0, _length, digest, hasFailed: _failure is not null);
        BinaryPrimitives.WriteInt64BigEndian(end.AsSpan(Trailer.Length), _length);
        round.SetOpenEnded(_length, digest, _failure);
        return end;
    }
}
