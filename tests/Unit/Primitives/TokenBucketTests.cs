using P2PCopy.Primitives;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Primitives;

public sealed class TokenBucketTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_holds_a_burst_and_fills_at_its_rate()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 3, _time);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake()));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => bucket.TryTake()));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.True(bucket.IsFull);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake()));
    }

    [Fact]
    public void What_is_taken_beyond_the_burst_is_paid_before_the_next_is_taken()
    {
        var bucket = new TokenBucket(perSecond: 100, burst: 10, _time);
        Assert.Equal(TimeSpan.Zero, bucket.Take(10));
        Assert.Equal(TimeSpan.FromSeconds(5), bucket.Take(500));
    }

    [Fact]
    public async Task A_large_record_goes_at_once_and_the_next_one_waits_for_it()
    {
        var bucket = new TokenBucket(perSecond: 100, burst: 10, _time);
        ValueTask first = bucket.TakeAsync(510, TestContext.Current.CancellationToken);
        Assert.True(first.IsCompletedSuccessfully);
        await first;
        Task second = bucket.TakeAsync(1, TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await second;
    }
}
