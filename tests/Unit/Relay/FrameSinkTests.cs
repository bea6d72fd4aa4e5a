using System.Net.WebSockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

public sealed class FrameSinkTests : IDisposable
{
    private static readonly byte[] Answer = [1, 2, 3];
    private static readonly byte[] Frames = [4, 5, 6];
    private static readonly RelayHint Left = new(RelayHintKind.PeerLeft);

    private readonly ManualTimeProvider _clock = new();
    private readonly GatedStream _stream = new();

    public void Dispose() => _stream.Dispose();

    private FrameSink Sink => field ??= new FrameSink(_stream, _clock);

    [Fact]
    public async Task No_frame_precedes_the_answer_to_the_upgrade()
    {
        Task hint = Sink.HintAsync(Left).AsTask();
        Task<bool> data = Sink.WriteDataAsync(Frames, endsInsideMessage: false).AsTask();
        Assert.Empty(_stream.Written);
        await Sink.OpenAsync(Answer);
        await hint;
        Assert.True(await data);
        Assert.Equal([.. Answer, .. FrameSink.HintFrame(Left), .. Frames], _stream.Written);
    }

    [Fact]
    public async Task A_hint_waits_for_the_end_of_the_message()
    {
        await Sink.OpenAsync(Array.Empty<byte>());
        await Sink.WriteDataAsync(Frames, endsInsideMessage: true);
        await Sink.HintAsync(Left);
        Assert.True(Sink.HasPendingHint);
        Assert.Equal(Frames, _stream.Written);
        await Sink.WriteDataAsync(Frames, endsInsideMessage: false);
        Assert.False(Sink.HasPendingHint);
        Assert.Equal([.. Frames, .. Frames, .. FrameSink.HintFrame(Left)], _stream.Written);
    }

    [Fact]
    public async Task Nothing_follows_the_close_frame()
    {
        await Sink.OpenAsync(Array.Empty<byte>());
        await Sink.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The other side left.", Left);
        byte[] closed = _stream.Written;
        Assert.Equal(FrameSink.HintFrame(Left), closed[..FrameSink.HintFrame(Left).Length]);
        Assert.False(await Sink.WriteDataAsync(Frames, endsInsideMessage: false));
        await Sink.HintAsync(Left);
        await Sink.PongAsync([]);
        Assert.Equal(closed, _stream.Written);
    }

    [Fact]
    public async Task A_close_inside_a_message_has_no_hint_before_it()
    {
        await Sink.OpenAsync(Array.Empty<byte>());
        await Sink.WriteDataAsync(Frames, endsInsideMessage: true);
        await Sink.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Left);
        Assert.Equal([.. Frames, .. FrameFormat.CloseFrame(WebSocketCloseStatus.NormalClosure, "")], _stream.Written);
    }

    [Fact]
    public async Task A_failed_write_is_reported_once_and_ends_the_writing()
    {
        await Sink.OpenAsync(Array.Empty<byte>());
        _stream.Failure = new IOException("The connection was reset.");
        Assert.False(await Sink.WriteDataAsync(Frames, endsInsideMessage: false));
        _stream.Failure = null;
        Assert.False(await Sink.WriteDataAsync(Frames, endsInsideMessage: false));
        await Sink.HintAsync(Left);
        Assert.Empty(_stream.Written);
    }

    [Fact]
    public async Task A_failed_answer_blocks_no_later_write()
    {
        _stream.Failure = new IOException("The connection was reset.");
        await Assert.ThrowsAsync<IOException>(() => Sink.OpenAsync(Answer).AsTask());
        await Sink.CloseAsync(WebSocketCloseStatus.NormalClosure, "").AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_write_that_does_not_end_counts_as_stalled_from_its_beginning()
    {
        await Sink.OpenAsync(Array.Empty<byte>());
        Assert.Equal(TimeSpan.Zero, Sink.Stalled);
        _stream.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> write = Sink.WriteDataAsync(Frames, endsInsideMessage: false).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.True(Sink.IsWriting);
        Assert.Equal(TimeSpan.FromSeconds(7), Sink.Stalled);
        _stream.Gate.SetResult();
        Assert.True(await write);
        Assert.Equal(TimeSpan.Zero, Sink.Stalled);
    }

    /// <summary>Keeps what is written; a write can wait or fail.</summary>
    private sealed class GatedStream : MemoryStream
    {
        public TaskCompletionSource? Gate { get; set; }

        public IOException? Failure { get; set; }

        public byte[] Written => ToArray();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Gate is { } gate)
                await gate.Task;
            if (Failure is { } failure)
                throw failure;
            Write(buffer.Span);
        }
    }
}
