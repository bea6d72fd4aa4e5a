using P2PCopy.Files.Names;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class StreamSinkTests
{
    private static readonly ManifestEntry Entry = new("f", EntryKind.File, -1, DateTime.UnixEpoch);

    [Fact]
    public async Task The_next_part_waits_for_the_write_before_it_and_no_thread_does()
    {
        var stream = new SlowStream();
        var sink = new StreamSink(stream);
        await sink.WriteAsync(0, "first"u8.ToArray(), TestContext.Current.CancellationToken);
        ValueTask second = sink.WriteAsync(5, "second"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted); // a sink that blocked would not be back yet
        stream.Let(1);
        await second;
        stream.Let(1);
        await sink.CommitAsync(Entry, 11, default, TestContext.Current.CancellationToken);
        Assert.Equal("firstsecond"u8, stream.Written);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_a_write_that_does_not_end()
    {
        using var stop = new CancellationTokenSource();
        var sink = new StreamSink(new SlowStream());
        await sink.WriteAsync(0, "first"u8.ToArray(), stop.Token);
        Task second = sink.WriteAsync(5, "second"u8.ToArray(), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task A_broken_stream_fails_the_file_before_it_is_confirmed()
    {
        var stream = new SlowStream { IsBroken = true };
        var sink = new StreamSink(stream);
        stream.Let(1);
        await sink.WriteAsync(0, "first"u8.ToArray(), TestContext.Current.CancellationToken);
        P2PException error = await Assert.ThrowsAsync<P2PException>(() => sink.CommitAsync(Entry, 5, default, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(P2PErrorCode.FileWriteError, error.Code);
        Assert.IsType<IOException>(error.InnerException);
    }

    /// <summary>A pipe that takes data only when it is read, and like many ignores cancellation.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly SemaphoreSlim _reads = new(0);

        public bool IsBroken { get; init; }

        public byte[] Written => ToArray();

        public void Let(int writes) => _reads.Release(writes);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _reads.WaitAsync(CancellationToken.None);
            if (IsBroken)
                throw new IOException("The pipe is broken.");
            await base.WriteAsync(buffer, CancellationToken.None);
        }
    }
}
