using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;
using static P2PCopy.Tests.Unit.Session.PairingHandshakeTests;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>What counts as a guess of the code, and when it is charged.</summary>
public sealed class PairingGuessTests
{
    [Fact]
    public async Task A_guess_is_charged_before_the_confirmation_leaves_and_refunded_when_the_code_is_right()
    {
        var guesses = new GuessLedger(TimeProvider.System);
        var pair = new ChannelPair();
        List<int> charged = [];
        pair.Tamper = (fromLeft, message) =>
        {
            if (fromLeft)
                charged.Add(guesses.Total);
            return message;
        };
        await Both(Pair(pair.Left, PeerRole.Send, guesses: guesses), Pair(pair.Right, PeerRole.Receive));
        Assert.Equal([0, 0, 1], charged); // hello, share, confirmation
        Assert.Equal(0, guesses.Total);
        Assert.Equal(TimeSpan.Zero, guesses.Blocked);
    }

    [Fact]
    public async Task A_pairing_that_is_cancelled_after_the_confirmation_stays_charged()
    {
        var guesses = new GuessLedger(TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var pair = new ChannelPair();
        pair.Tamper = (fromLeft, message) =>
        {
            if (fromLeft && message.Length == 32)
                stop.Cancel();
            return !fromLeft && message.Length == 32 ? null : message;
        };
        Task<PairingResult> other = Pair(pair.Right, PeerRole.Receive);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PairingHandshake.RunAsync(
            pair.Left, Hello.Own(PeerRole.Send, encryptPayload: true), PairingCode.Parse(Code), guesses, TimeProvider.System, stop.Token));
        Assert.Equal(1, guesses.Total);
        Assert.NotEqual(TimeSpan.Zero, guesses.Blocked);
        await Assert.ThrowsAnyAsync<Exception>(() => other); // its partner left
    }

    [Fact]
    public async Task A_peer_that_says_nothing_for_ten_seconds_is_left()
    {
        var time = new ManualTimeProvider();
        var pair = new ChannelPair();
        Task<PairingResult> pairing = Pair(pair.Left, PeerRole.Send, time: time);
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(pairing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        var error = await Assert.ThrowsAsync<HandshakeException>(() => pairing);
        Assert.Equal(HandshakeFault.HelloTimeout, error.Fault);
        Assert.False(error.IsGuessCharged);
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await pair.Right.SendAsync(new byte[1], default));
    }

    [Fact]
    public async Task A_peer_that_hangs_up_instead_of_confirming_has_spent_a_guess()
    {
        var pair = new ChannelPair { Tamper = (fromLeft, message) => !fromLeft && message.Length == 32 ? null : message };
        Task<PairingResult> stranger = Pair(pair.Right, PeerRole.Receive, "lab-another-guess");
        var error = await Assert.ThrowsAsync<HandshakeException>(() => Pair(pair.Left, PeerRole.Send));
        Assert.Equal(HandshakeFault.Closed, error.Fault);
        Assert.True(error.IsGuessCharged);
        await Assert.ThrowsAsync<P2PException>(() => stranger);
    }

    [Fact]
    public async Task A_peer_that_falls_silent_instead_of_confirming_has_spent_a_guess()
    {
        var time = new ManualTimeProvider();
        var pair = new ChannelPair();
        var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Tamper = (fromLeft, message) =>
        {
            if (message.Length != 32)
                return message;
            if (fromLeft)
                confirmed.TrySetResult();
            return null;
        };
        Task<PairingResult> silent = Pair(pair.Right, PeerRole.Receive);
        Task<PairingResult> pairing = Pair(pair.Left, PeerRole.Send, time: time);
        await confirmed.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(11));
        var error = await Assert.ThrowsAsync<HandshakeException>(() => pairing);
        Assert.Equal(HandshakeFault.Timeout, error.Fault);
        Assert.True(error.IsGuessCharged);
        await Assert.ThrowsAsync<HandshakeException>(() => silent);
    }

    [Fact]
    public async Task A_peer_that_leaves_before_its_share_has_learnt_nothing()
    {
        var pair = new ChannelPair();
        await pair.Right.SendAsync(Hello.Own(PeerRole.Receive, encryptPayload: true).Encode(), default);
        await pair.Right.DisposeAsync();
        var error = await Assert.ThrowsAsync<HandshakeException>(() => Pair(pair.Left, PeerRole.Send));
        Assert.Equal(HandshakeFault.Closed, error.Fault);
        Assert.False(error.IsGuessCharged);
    }
}
