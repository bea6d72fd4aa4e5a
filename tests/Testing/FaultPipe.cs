using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace P2PCopy.Tests.Testing;

/// <summary>One direction of a <see cref="FaultConnection"/>: what was read waits its latency and is then written.</summary>
internal sealed class FaultPipe(
    Socket from,
    Socket to,
    Action cut,
    Func<(FaultPlan Plan, long? CutAfter, long? StallAfter, long? CorruptAt)> faults)
{
    private const int PieceBytes = 64 * 1024;

    private static readonly TimeSpan StallPoll = TimeSpan.FromMilliseconds(10);

    private readonly Channel<(byte[] Bytes, long ReadAt)> _onTheWay =
        Channel.CreateBounded<(byte[], long)>(new BoundedChannelOptions(Math.Max(1, faults().Plan.QueueBytes / PieceBytes)) { SingleReader = true, SingleWriter = true });

    private long _passed;

    public long Passed => Interlocked.Read(ref _passed);

    public Task RunAsync() => Task.WhenAll(ReadAsync(), WriteAsync());

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[PieceBytes];
        try
        {
            int n;
            while ((n = await from.ReceiveAsync(buffer)) > 0)
                await _onTheWay.Writer.WriteAsync((buffer.AsSpan(0, n).ToArray(), Stopwatch.GetTimestamp()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or ChannelClosedException)
        {
            // Reset by an end, or cut.
            cut();
        }
        finally
        {
            _onTheWay.Writer.TryComplete();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            var pace = Stopwatch.StartNew();
            long paced = 0;
            await foreach ((byte[] bytes, long readAt) in _onTheWay.Reader.ReadAllAsync())
            {
                TimeSpan wait = faults().Plan.Latency - Stopwatch.GetElapsedTime(readAt);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait);
                await PassAsync(bytes);

                if (faults().Plan.BytesPerSecond is > 0 and var rate)
                {
                    paced += bytes.Length;
                    TimeSpan ahead = TimeSpan.FromSeconds((double)paced / rate) - pace.Elapsed;
                    if (ahead > TimeSpan.Zero)
                        await Task.Delay(ahead);
                    else if (ahead < TimeSpan.FromMilliseconds(-100))
                        (pace, paced) = (Stopwatch.StartNew(), 0);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            cut();
        }
        finally
        {
            _onTheWay.Writer.TryComplete();
        }
    }

    private async Task PassAsync(byte[] bytes)
    {
        int sent = 0;
        while (sent < bytes.Length)
        {
            (_, long? cutAfter, long? stallAfter, long? corruptAt) = faults();
            int count = bytes.Length - sent;
            if (cutAfter is { } last)
                count = (int)Math.Clamp(last - Passed, 0, count);
            if (stallAfter is { } still)
                count = (int)Math.Clamp(still - Passed, 0, count);
            if (count == 0 && cutAfter <= Passed)
            {
                cut();
                throw new ObjectDisposedException(nameof(FaultPipe));
            }

            if (count == 0)
            {
                // Stalled: the other end hears nothing, and the socket tells when it is closed from outside.
                await Task.Delay(StallPoll);
                _ = to.Available;
                continue;
            }

            if (corruptAt is { } at && at >= Passed && at < Passed + count)
                bytes[sent + (int)(at - Passed)] ^= 0x10;
            await SendAllAsync(bytes.AsMemory(sent, count));
            sent += count;
            Interlocked.Add(ref _passed, count);
        }
    }

    private async Task SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes)..];
    }
}
