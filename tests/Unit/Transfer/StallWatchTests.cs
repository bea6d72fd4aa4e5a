using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>A connection that is only kept alive does not keep a transfer alive.</summary>
public sealed class StallWatchTests : IAsyncDisposable
{
    private const int Limit = 80;

    private readonly ManualTimeProvider _time = new();
    private readonly TransferMeter _meter;
    private readonly CancellationTokenSource _stop = new();
    private bool _isConnected = true;

    public StallWatchTests() => _meter = new TransferMeter(null, _time);

    [Fact]
    public async Task Without_progress_it_ends_after_the_limit_and_not_before()
    {
        Task watching = Create(out _).RunAsync(_stop);

        await PassAsync(seconds: 70);
        Assert.False(watching.IsCompleted);
        await PassAsync(seconds: 20);

        Assert.Equal(P2PErrorCode.PeerAborted, (await Assert.ThrowsAsync<P2PException>(() => watching)).Code);
        Assert.True(_stop.IsCancellationRequested);
    }

    [Theory]
    [InlineData("touch")]
    [InlineData("bytes")]
    [InlineData("file")]
    [InlineData("hashing")]
    [InlineData("paused")]
    public async Task Progress_of_any_kind_keeps_it_running(string kind)
    {
        Task watching = Create(out StallWatch watch).RunAsync(_stop);
        var question = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool>? asking = kind == "paused" ? watch.PauseAsync(new ValueTask<bool>(question.Task)).AsTask() : null;
        for (int i = 0; i < 5; i++)
        {
            switch (kind)
            {
                case "touch":
                    watch.Touch();
                    break;
                case "bytes":
                    _meter.AddBytes(1);
                    break;
                case "file":
                    _meter.AddFile();
                    break;
                case "hashing":
                    _meter.SetCurrent("f", i, 10);
                    break;
            }

            await PassAsync(seconds: 60);
        }

        Assert.False(watching.IsCompleted);
        question.SetResult(true);
        if (asking is not null)
            await asking;
    }

    [Fact]
    public async Task A_lost_connection_has_the_time_for_reconnecting_once()
    {
        Task watching = Create(out _, retrySeconds: 400).RunAsync(_stop);
        _isConnected = false;
        await PassAsync(seconds: 390);
        Assert.False(watching.IsCompleted);
        _isConnected = true;
        await PassAsync(seconds: 60);
        Assert.False(watching.IsCompleted);
        await PassAsync(seconds: 30);
        await Assert.ThrowsAsync<P2PException>(() => watching);
    }

    /// <summary>The sender loses its connection whenever its time is nearly over, and is back at once.</summary>
    [Fact]
    public async Task Losing_the_connection_again_and_again_without_progress_does_not_keep_it_running()
    {
        Task watching = Create(out _).RunAsync(_stop);
        for (int i = 0; i < 10; i++)
        {
            _isConnected = true;
            await PassAsync(seconds: 60);
            _isConnected = false;
            await PassAsync(seconds: 20);
        }

        await Assert.ThrowsAsync<P2PException>(() => watching);
    }

    [Theory]
    [InlineData(90, false)] // bytes in each second
    [InlineData(110, true)]
    public async Task Below_the_rate_a_little_progress_now_and_then_is_not_enough(int bytes, bool isEnough)
    {
        Task watching = Create(out _, minRate: 100).RunAsync(_stop);
        for (int i = 0; i < 300; i++)
        {
            _meter.AddBytes(bytes);
            await PassAsync(seconds: 1);
        }

        if (isEnough)
            Assert.False(watching.IsCompleted);
        else
            Assert.Contains("MinRate", (await Assert.ThrowsAsync<P2PException>(() => watching)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zero_is_no_limit()
        => await new StallWatch(new ReceiveOptions { StallTimeout = TimeSpan.Zero, MinRate = 1 }, _meter, () => true).RunAsync(_stop);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _meter.DisposeAsync();
    }

    private StallWatch Create(out StallWatch watch, int retrySeconds = 10, long? minRate = null) => watch = new StallWatch(
        new ReceiveOptions { StallTimeout = TimeSpan.FromSeconds(Limit), RetryTimeout = TimeSpan.FromSeconds(retrySeconds), MinRate = minRate, TimeProvider = _time },
        _meter, () => _isConnected);

    /// <summary>Moves the clock in steps, and lets the watch look after each.</summary>
    private async Task PassAsync(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            SpinWait.SpinUntil(() => _time.PendingTimers > 0 || _stop.IsCancellationRequested, TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
