using P2PCopy.Session.Links;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Two sessions over channels in memory: which losses they survive, and how.</summary>
public sealed class SessionLinksTests : IAsyncDisposable
{
    private readonly MemoryRelay _relay = new();
    private readonly ChannelPair _first = new();
    private readonly StoppableClock _clock = new();
    private readonly PairingResult _pairing;
    private readonly PeerSession _sender;
    private readonly PeerSession _receiver;

    public SessionLinksTests()
    {
        _pairing = TestSessions.Pairing(PeerRole.Send, _first);
        _sender = new PeerSession(TestSessions.Context(PeerRole.Send, _relay) with { TimeProvider = _clock }, _pairing);
        _receiver = new PeerSession(TestSessions.Context(PeerRole.Receive, _relay), TestSessions.Pairing(PeerRole.Receive, _first));
    }

    [Fact]
    public async Task Control_messages_continue_in_order_over_another_connection_when_the_first_is_lost()
    {
        _sender.OpenConnections(2);
        _receiver.OpenConnections(2);
        await UntilAsync(() => _sender.LinksUp == 2 && _receiver.LinksUp == 2);

        await SayAsync(1, 2, 3);
        _first.Cut();
        await SayAsync(4, 5, 6);

        Assert.Equal([1, 2, 3, 4, 5, 6], await HearAsync(6));
        Assert.Equal((0, 0), (_sender.Reconnects, _receiver.Reconnects));
    }

    [Fact]
    public async Task The_window_is_divided_among_the_connections_that_are_being_opened_for_a_second()
    {
        var clock = new ManualTimeProvider();
        await using var alone = new PeerSession(
            TestSessions.Context(PeerRole.Send, _relay) with { TimeProvider = clock }, TestSessions.Pairing(PeerRole.Send, new ChannelPair()));
        Assert.Equal(1, alone.Paths.Shares);
        alone.OpenConnections(4);
        Assert.Equal((4, 1), (alone.Paths.Shares, alone.Paths.Links));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, alone.Paths.Shares);
    }

    [Fact]
    public async Task A_session_whose_only_link_is_lost_is_back_with_the_next_one()
    {
        await SayAsync(1, 2);
        _first.Cut();
        await SayAsync(3);
        Assert.Equal([1, 2, 3], await HearAsync(3));
        await UntilAsync(() => _sender.Reconnects == 1 && _receiver.Reconnects == 1);
    }

    [Fact]
    public async Task A_session_that_is_lost_for_good_fails_and_says_why()
    {
        var channels = new ChannelPair();
        await using var alone = new PeerSession(
            TestSessions.Context(PeerRole.Send, _relay) with { RetryTimeout = TimeSpan.Zero }, TestSessions.Pairing(PeerRole.Send, channels));
        channels.Cut();
        await UntilAsync(() => alone.State == SessionState.Failed);
        Assert.Equal(P2PErrorCode.ConnectionLost, alone.Failure?.Code);
        Assert.NotNull(alone.Failure?.InnerException);
    }

    [Fact]
    public async Task An_abort_reaches_the_other_side_if_the_first_link_that_takes_it_is_silent()
    {
        _sender.OpenConnections(2);
        _receiver.OpenConnections(2);
        await UntilAsync(() => _sender.LinksUp == 2 && _receiver.LinksUp == 2);
        using var gate = new ManualResetEventSlim();
        _first.Tamper = (_, _) => null; // takes everything and delivers nothing
        _relay.OnMessage = message =>
        {
            if (message.From == PeerRole.Send)
                gate.Wait(TestContext.Current.CancellationToken); // a busy link
            return [message.Bytes];
        };

        _clock.StopAfter(TimeSpan.Zero); // on a busy machine the sender would give up the abort before the next line looks
        Task abort = _sender.AbortAsync(P2PErrorCode.Failure, "it failed.");
        await UntilAsync(() => _sender.LinksUp == 1); // the silent link has sent it and ended
        gate.Set();
        await abort;
        _clock.Resume();

        await UntilAsync(() => _receiver.State == SessionState.Failed);
        Assert.Equal(P2PErrorCode.PeerAborted, _receiver.Failure?.Code);
    }

    [Fact]
    public async Task A_session_that_is_disposed_has_cleared_its_keys()
    {
        Assert.False(LiveKeys.AreCleared(_pairing.Keys));
        await _sender.DisposeAsync();
        Assert.True(LiveKeys.AreCleared(_pairing.Keys));
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private async Task SayAsync(params byte[] numbers)
    {
        foreach (byte number in numbers)
            await _sender.SendControlAsync(new[] { number }, TestContext.Current.CancellationToken);
    }

    private async Task<List<byte>> HearAsync(int count)
    {
        List<byte> heard = [];
        while (heard.Count < count)
            heard.AddRange(await _receiver.ReceiveControlAsync(TestContext.Current.CancellationToken));
        return heard;
    }

    private static async Task UntilAsync(Func<bool> hasHappened)
    {
        while (!hasHappened())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
