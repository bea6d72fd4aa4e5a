using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>How long a side waits in the room of the code, and what it says when it gives up.</summary>
public sealed class PairerTests
{
    private static readonly P2PException Occupied = new(P2PErrorCode.RelayRefused, "The room has another receiver.");
    private static readonly P2PException Unreachable = new(P2PErrorCode.RelayConnectFailed, "The relay could not be reached.");

    private readonly ManualTimeProvider _clock = new();
    private readonly Joins _relay = new();
    private readonly Observer _observer = new();

    [Fact]
    public async Task A_wait_without_the_other_side_ends_with_the_wait_time()
    {
        _relay.Answers.Enqueue(null);
        Task<PairingResult> pairing = new Pairer(Context()).PairAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(599));
        Assert.False(pairing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => pairing);
        Assert.Equal(P2PErrorCode.PeerDidNotCome, e.Code);
        Assert.Contains("600 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_waits_for_a_dead_predecessor_as_long_as_the_relay_may_hold_it_and_says_so_once()
    {
        for (int i = 0; i < 100; i++)
            _relay.Answers.Enqueue(new RoomOccupiedException(Occupied));
        long start = _clock.GetTimestamp();
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => EndedAsync(new Pairer(Context()).PairAsync(TestContext.Current.CancellationToken)));
        Assert.Same(Occupied, e);
        Assert.Same(Occupied, Assert.Single(_observer.Failed));
        Assert.InRange(_clock.GetElapsedTime(start).TotalSeconds, 30, 45); // the silence time-out and a little more
    }

    [Fact]
    public async Task A_relay_that_was_never_reached_is_not_tried_again()
    {
        _relay.Answers.Enqueue(Unreachable);
        Assert.Same(Unreachable, await Assert.ThrowsAsync<P2PException>(() => new Pairer(Context()).PairAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_relay_that_admitted_this_side_before_is_tried_again_for_the_retry_time()
    {
        _relay.Answers.Enqueue(new ChannelPair().Left); // a stranger that says nothing
        for (int i = 0; i < 1000; i++)
            _relay.Answers.Enqueue(Unreachable);
        long start = _clock.GetTimestamp();
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => EndedAsync(new Pairer(Context()).PairAsync(TestContext.Current.CancellationToken)));
        Assert.Same(Unreachable, e);
        Assert.InRange(_clock.GetElapsedTime(start).TotalSeconds, 60, 75); // with the 10 s for the hello
    }

    private async Task<PairingResult> EndedAsync(Task<PairingResult> pairing)
    {
        while (!pairing.IsCompleted)
        {
            if (_clock.PendingTimers > 1) // besides that of the wait time
                _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await pairing;
    }

    private SessionContext Context() => TestSessions.Context(PeerRole.Receive, _relay) with
    {
        TimeProvider = _clock,
        Guesses = new GuessLedger(_clock),
        Observer = _observer,
        WaitTimeout = TimeSpan.FromSeconds(600),
        RetryTimeout = TimeSpan.FromSeconds(60),
        SilenceTimeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Answers each join with the next entry: a channel, an exception, or null for a wait.</summary>
    private sealed class Joins : IRoomConnector
    {
        public Queue<object?> Answers { get; } = new();

        public Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
            => Answers.Dequeue() switch
            {
                IMessageChannel channel => Task.FromResult(channel),
                Exception e => Task.FromException<IMessageChannel>(e),
                _ => new TaskCompletionSource<IMessageChannel>().Task.WaitAsync(cancellationToken),
            };
    }

    private sealed class Observer : ISessionObserver
    {
        public List<P2PException> Failed { get; } = [];

        public void Waiting()
        {
        }

        public void JoinFailed(P2PException reason) => Failed.Add(reason);

        public void WrongCode(int attempts, TimeSpan backOff)
        {
        }

        public void Paired()
        {
        }

        public void Reconnecting(string reason)
        {
        }

        public void Reconnected()
        {
        }

        public void RoomsNeeded(IEnumerable<string> rooms)
        {
        }
    }
}
