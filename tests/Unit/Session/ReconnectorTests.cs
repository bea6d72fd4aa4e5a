using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ReconnectorTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Refusals _relay = new();

    [Fact]
    public async Task The_error_of_a_lost_session_says_why_the_relay_did_not_admit_this_side()
    {
        Reconnector reconnector = Reconnector();
        using var stop = new CancellationTokenSource();
        var unauthorized = new P2PException(P2PErrorCode.RelayRefused, "The relay refused: the token is not valid (401).");
        _relay.Next = unauthorized;
        Task<SecureLink> rejoin = reconnector.RejoinAsync(0, stop.Token);
        await _relay.AskedAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rejoin);

        var cause = new ChannelClosedException("The connection to the relay was lost.");
        P2PException lost = reconnector.Lost(new LinkLoss("the connection to the relay was lost", cause));

        Assert.Equal(P2PErrorCode.ConnectionLost, lost.Code);
        Assert.Contains("could not be re-established within 300 s: The relay refused: the token is not valid (401).", lost.Message, StringComparison.Ordinal);
        Assert.Equal([unauthorized, cause], Assert.IsType<AggregateException>(lost.InnerException).InnerExceptions);
    }

    [Fact]
    public async Task A_refusal_inside_a_cancellation_counts_too()
    {
        Reconnector reconnector = Reconnector();
        var full = new P2PException(P2PErrorCode.RelayRefused, "The relay is full (503).");
        _relay.Next = new OperationCanceledException("Cancelled.", full);
        await Assert.ThrowsAsync<OperationCanceledException>(() => reconnector.RejoinAsync(0, TestContext.Current.CancellationToken));
        Assert.Same(full, reconnector.Lost(new LinkLoss("it was closed", null)).InnerException);
    }

    [Fact]
    public void Without_a_refusal_the_cause_is_why_the_link_ended()
    {
        var cause = new ChannelClosedException("The connection to the relay was lost.");
        P2PException lost = Reconnector().Lost(new LinkLoss("no data arrived for 30 s", cause));
        Assert.Same(cause, lost.InnerException);
        Assert.Equal("The connection was lost (no data arrived for 30 s) and could not be re-established within 300 s.", lost.Message);
        Assert.Equal("Files already received are kept; run both commands again to resume.", lost.Hint);
    }

    private Reconnector Reconnector() => new(
        new SessionContext
        {
            Role = PeerRole.Send,
            Code = PairingCode.Parse(TransferPair.Code),
            Connector = _relay,
            Member = new string('0', 32),
            EncryptPayload = true,
            Version = ProtocolVersion.Current,
            Guesses = new GuessLedger(_clock),
            TimeProvider = _clock,
            Observer = new NoObserver(),
        },
        new SessionKeys(new byte[32]));

    private sealed class Refusals : IRoomConnector
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Next { get; set; }

        public Task AskedAsync() => _asked.Task;

        public Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return Task.FromException<IMessageChannel>(Next!);
        }
    }
}
