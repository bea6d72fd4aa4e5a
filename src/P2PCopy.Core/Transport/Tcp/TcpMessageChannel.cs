using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport.Tcp;

/// <summary>
/// Messages over a connected TCP socket: each is preceded by its length in four bytes, big-endian (docs/protocol.md §8).
/// Small messages are read several at a time; a long one is received directly into the caller's buffer. Cancelling a call
/// ends the channel, because a partly sent message cannot be withdrawn.
/// </summary>
internal sealed class TcpMessageChannel : IMessageChannel
{
    /// <summary>Bytes before a message.</summary>
    public const int HeaderLength = 4;

    /// <summary>The longest duration of <see cref="DisposeAsync"/>. It is real time, also with a clock that tests set.</summary>
    internal static readonly TimeSpan CloseBound = TimeSpan.FromMilliseconds(250);

    /// <summary>The time for which a peer that has not closed yet is still read from, so that sent bytes arrive.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    // The beginning of a message is copied behind its header, so that both leave in one system call. The rest is not copied.
    private const int CopiedLength = 64 << 10;

    // A receive completes when its buffer is full. Short parts show progress of a long message on a slow line.
    private const int PartLength = 256 << 10;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(CopiedLength);
    private byte[]? _output;
    private int _inputStart;
    private int _inputEnd;
    private long _bytesReceived;
    private int _receiving;
    private int _disposed;

    /// <param name="socket">A connected socket. The channel owns it.</param>
    /// <param name="time">The clock.</param>
    public TcpMessageChannel(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        Remote = (IPEndPoint)socket.RemoteEndPoint!;
        socket.NoDelay = true;
        UnsentLimit.Set(socket);
    }

    /// <summary>The address of the other side.</summary>
    public IPEndPoint Remote { get; }

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length);
        try
        {
            byte[] output = _output ??= GC.AllocateUninitializedArray<byte>(HeaderLength + CopiedLength);
            BinaryPrimitives.WriteInt32BigEndian(output, message.Length);
            int copied = Math.Min(CopiedLength, message.Length);
            message.Span[..copied].CopyTo(output.AsSpan(HeaderLength));
            await SendAllAsync(output.AsMemory(0, HeaderLength + copied), cancellationToken).ConfigureAwait(false);
            await SendAllAsync(message[copied..], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Closed(e);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _disposed) != 0)
            throw Closed(null);
        if (Interlocked.CompareExchange(ref _receiving, 1, 0) != 0)
            throw new InvalidOperationException("A receive is pending already.");
        try
        {
            while (_inputEnd - _inputStart < HeaderLength)
                await FillAsync(cancellationToken).ConfigureAwait(false);
            int length = BinaryPrimitives.ReadInt32BigEndian(_input.AsSpan(_inputStart));
            _inputStart += HeaderLength;
            if (length < 1 || length > buffer.Length)
                throw Malformed(length, buffer.Length);

            int have = Math.Min(length, _inputEnd - _inputStart);
            _input.AsSpan(_inputStart, have).CopyTo(buffer.Span);
            _inputStart += have;
            while (have < length)
                have += await ReadAsync(buffer[have..Math.Min(length, have + PartLength)], cancellationToken).ConfigureAwait(false);
            return length;
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Closed(e);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
        finally
        {
            Interlocked.Exchange(ref _receiving, 0);
        }
    }

    public void Abort()
    {
        try
        {
            // With unsent data left, closing resets the connection: the other side notices at once.
            _socket.Close(0);
        }
        catch (SocketException)
        {
            // It is closed.
        }
    }

    /// <summary>Closes in order: what was sent still arrives.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            // Closing a socket with unread bytes resets the connection, and the other side may lose bytes that it has not read.
            Task drained = DrainAsync();
            using var bound = new CancellationTokenSource(CloseBound);
            await Task.WhenAny(drained, Task.Delay(Timeout.InfiniteTimeSpan, bound.Token)).ConfigureAwait(false);
            if (!drained.IsCompleted)
            {
                _ = LingerAsync(drained);
                return;
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection has ended.
        }

        Abort();
    }

    private async Task LingerAsync(Task drained)
    {
        await Task.WhenAny(drained, Task.Delay(Linger, _time)).ConfigureAwait(false);
        Abort();
    }

    private async Task DrainAsync()
    {
        try
        {
            // A receive that is pending sees the end itself; its data is of no use any more.
            byte[] scratch = new byte[4096];
            while (await _socket.ReceiveAsync(scratch.AsMemory(), SocketFlags.None).ConfigureAwait(false) > 0)
            {
                // Discarded.
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection has ended.
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int left = _inputEnd - _inputStart;
        _input.AsSpan(_inputStart, left).CopyTo(_input);
        (_inputStart, _inputEnd) = (0, left);
        _inputEnd += await ReadAsync(_input.AsMemory(left), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        if (count == 0)
            throw new IOException("The other side closed the connection.");
        Volatile.Write(ref _bytesReceived, _bytesReceived + count);
        return count;
    }

    private ChannelClosedException Malformed(int length, int most)
    {
        Abort();
        return new ChannelClosedException($"A message of {length} bytes is not between 1 and the allowed {most}.");
    }

    private static ChannelClosedException Closed(Exception? cause) => new("The direct connection was lost.", cause);

    private static bool IsEnd(Exception e) => e is SocketException or IOException or ObjectDisposedException;
}
