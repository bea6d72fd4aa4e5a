using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Data without files: a part of a stream is never taken for the whole.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly TransferPair _pair = new();

    private ReceiveOptions ToStream(Stream output) => _pair.Receive with { OutputStream = output, RetryTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>Half of the data has been sent when the receiver is killed and started again.</summary>
    private async Task<(Outcome Sender, Outcome Again, MemoryStream Output)> ReceiveAgainAsync(PacedStream input)
    {
        var killable = new KillableConnector(_pair.Relay);
        using var gone = new CancellationTokenSource();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { Paths = [], InputStream = input, Name = "dump" }));
        Task<Outcome> killed = Outcome.OfAsync(P2PTransfer.ReceiveAsync(ToStream(new MemoryStream()) with { Connector = killable }, null, gone.Token));
        await input.HalfRead;

        killable.Kill();
        var output = new MemoryStream();
        Outcome again = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(ToStream(output)));
        Outcome sent = await sender;
        await gone.CancelAsync();
        await killed;
        return (sent, again, output);
    }

    [Fact]
    public async Task A_receiver_that_is_started_again_gets_no_stream_whose_beginning_is_gone()
    {
        (Outcome sender, Outcome again, MemoryStream output) = await ReceiveAgainAsync(new PacedStream(total: 6 << 20, seekable: false));

        Assert.Equal(P2PErrorCode.ConnectionLost, sender.Error);
        Assert.Equal(P2PErrorCode.PeerAborted, again.Error);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public async Task A_stream_that_can_be_read_again_is_read_again()
    {
        (Outcome sender, Outcome again, MemoryStream output) = await ReceiveAgainAsync(new PacedStream(total: 6 << 20, seekable: true));

        Assert.True(again.Succeeded && sender.Succeeded);
        Assert.Equal(6 << 20, output.Length);
    }

    [Fact]
    public async Task A_sender_that_is_started_again_does_not_begin_again_behind_what_was_written()
    {
        var killable = new KillableConnector(_pair.Relay);
        var pipe = new PacedStream(total: 6 << 20, seekable: false);
        var output = new MemoryStream();
        using var gone = new CancellationTokenSource();
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(ToStream(output)));
        Task<Outcome> killed = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { Paths = [], InputStream = pipe, Name = "dump", Connector = killable }, null, gone.Token));
        await pipe.HalfRead;
        while (output.Length == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        killable.Kill();
        Outcome again = await Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { Paths = [], InputStream = new MemoryStream(new byte[100]), Name = "dump" }));

        Assert.Equal(P2PErrorCode.ConnectionLost, (await receiver).Error);
        Assert.Equal(P2PErrorCode.PeerAborted, again.Error);
        await gone.CancelAsync();
        await killed;
    }

    [Fact]
    public async Task An_output_stream_takes_one_file_and_nothing_else()
    {
        _pair.Write("source/a", [1]);
        _pair.Write("source/b", [2]);
        var output = new MemoryStream();

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, ToStream(output));

        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
        Assert.NotNull(sender.Error);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public async Task What_lies_at_the_destination_has_nothing_to_do_with_an_output_stream()
    {
        string file = _pair.Write("same", [1, 2, 3]);
        _pair.Write("destination/same", [1, 2, 3]);
        File.SetLastWriteTimeUtc(_pair.Folder["destination/same"], File.GetLastWriteTimeUtc(file));
        var output = new MemoryStream();

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Paths = [file] }, ToStream(output));

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal([1, 2, 3], output.ToArray());
        Assert.Equal(FileStatus.Copied, Assert.Single(receiver.Report!.Files).Status);
    }

    [Fact]
    public async Task A_file_that_fails_half_way_is_not_written_a_second_time_behind_its_beginning()
    {
        string file = _pair.Write("growing", new byte[24 << 20]);
        var output = new MemoryStream();
        bool isChanged = false;
        _pair.Relay.OnMessage = message =>
        {
            if (message.Bytes.Length > 100_000 && !isChanged)
            {
                isChanged = true;
                using FileStream stream = File.Open(file, FileMode.Append);
                stream.WriteByte(1);
            }

            return [message.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Paths = [file], BandwidthLimit = 16 << 20, Compression = PayloadCompression.Off }, ToStream(output));

        Assert.False(sender.Succeeded || receiver.Succeeded);
        Assert.Equal(FileStatus.Failed, Assert.Single(receiver.Report!.Files).Status);
        Assert.True(output.Length <= 24 << 20);
    }

    [Fact]
    public async Task A_source_that_breaks_fails_on_both_sides()
    {
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Paths = [], InputStream = new PacedStream(2 << 20, seekable: false) { BreaksAtEnd = true }, Name = "dump" }, ToStream(new MemoryStream()));

        Assert.Equal(P2PErrorCode.FileReadError, Assert.Single(sender.Report!.Files).Error);
        Assert.Equal(P2PErrorCode.FileReadError, Assert.Single(receiver.Report!.Files).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pipe_that_hangs_does_not_hold_up_the_end(bool atSender)
    {
        using var stop = new CancellationTokenSource();
        var hanging = new HangingStream();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(
            _pair.Send with { Paths = [], InputStream = atSender ? hanging : new MemoryStream(new byte[8 << 20]), Name = "dump" }, null, stop.Token));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(ToStream(atSender ? new MemoryStream() : hanging)));
        await hanging.Entered;

        await (atSender ? stop.CancelAsync() : Task.CompletedTask);
        Outcome ended = await (atSender ? sender : CancelReceiverAsync()).WaitAsync(TestContext.Current.CancellationToken); // without an end of its own it would hang for ever

        Assert.NotNull(ended.Exception ?? ended.Report?.Error);
        hanging.Release();
        await Task.WhenAll(sender, receiver);

        async Task<Outcome> CancelReceiverAsync()
        {
            // The sender leaves; the receiver hangs in a write of its own and has to end all the same.
            await stop.CancelAsync();
            return await receiver;
        }
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>So many bytes, slowly enough to be interrupted.</summary>
    private sealed class PacedStream(long total, bool seekable) : MemoryStream
    {
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _position;
        private bool _isFast;

        public Task HalfRead => _half.Task.WaitAsync(TestContext.Current.CancellationToken);

        public bool BreaksAtEnd { get; init; }

        public override bool CanSeek => seekable;

        public override long Position
        {
            get => _position;
            set => (_position, _isFast) = (value, true);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position >= total / 2 && !BreaksAtEnd)
            {
                _half.TrySetResult();
                await Task.Delay(_isFast ? 0 : 20, cancellationToken);
            }

            if (_position == total && BreaksAtEnd)
                throw new IOException("The pipe broke.");
            int count = (int)Math.Min(Math.Min(buffer.Length, 64 << 10), total - _position);
            buffer.Span[..count].Clear();
            _position += count;
            return count;
        }
    }

    /// <summary>A pipe whose other end is idle; a read of it cannot be cancelled.</summary>
    private sealed class HangingStream : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        public override bool CanSeek => false;

        public void Release() => _released.Set();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => new(Task.Run(Hang, CancellationToken.None));

        public override void Write(byte[] buffer, int offset, int count) => Hang();

        private int Hang()
        {
            _entered.TrySetResult();
            _released.Wait();
            return 0;
        }
    }
}
