using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>A connection that is only kept alive does not keep a transfer alive.</summary>
public sealed class StallWatchTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TransferMeter _meter;
    private readonly CancellationTokenSource _stop = new();
    private bool _isConnected = true;

    public StallWatchTests() => _meter = new TransferMeter(null, _time);

    [Fact]
    public async Task Without_progress_it_ends_after_the_limit_and_not_before()
    {
        Task watching = Create(80, out _).RunAsync(_stop);

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
    [InlineData("disconnected")]
    [InlineData("paused")]
    public async Task Progress_of_any_kind_keeps_it_running(string kind)
    {
        Task watching = Create(80, out StallWatch watch).RunAsync(_stop);
        var question = new TaskCompletionSource<bool>();
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
                case "disconnected":
                    _isConnected = false;
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
    public async Task Zero_is_no_limit() => await Create(0, out _).RunAsync(_stop);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _meter.DisposeAsync();
    }

    private StallWatch Create(int seconds, out StallWatch watch)
        => watch = new StallWatch(TimeSpan.FromSeconds(seconds), _meter, () => _isConnected, _time);

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
