using P2PCopy.Tests.Testing;
using static P2PCopy.Tests.Transfers.TransferTests;

namespace P2PCopy.Tests.Transfers;

/// <summary>Transfers that do not begin, or that a side ends.</summary>
public sealed class RefusedTransferTests : IDisposable
{
    private readonly TransferPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public async Task Different_secrets_end_both_sides_with_PairingFailed_and_write_nothing()
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with { Code = PairingCode.Parse("route1-wrong-horse-battery") });

        Assert.Equal(P2PErrorCode.PairingFailed, sender.Error);
        Assert.Equal(P2PErrorCode.PairingFailed, receiver.Error);
        Assert.False(Directory.Exists(_pair.Destination));
    }

    [Fact]
    public async Task A_destination_that_is_a_file_is_refused_before_anybody_is_waited_for()
    {
        string file = _pair.Write("file", [1]);

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => P2PTransfer.ReceiveAsync(
            new ReceiveOptions { Relays = [new Uri("ws://127.0.0.1:1")], Code = PairingCode.Parse("route1-correct-horse"), Destination = file },
            cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_sender_that_made_its_code_goes_on_waiting_through_three_wrong_guesses(int guesses, bool goesOn)
    {
        MakeTree(_pair);
        var time = new FastTimeProvider(20);
        var code = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        List<int> warnings = [];
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { Code = null, TimeProvider = time, OnEvent = Note }));
        string right = await code.Task.WaitAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < guesses; i++)
        {
            Outcome guesser = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { Code = PairingCode.Parse(right[..7] + "wrong-guess"), TimeProvider = time }));
            Assert.Equal(P2PErrorCode.PairingFailed, guesser.Error);
        }

        if (goesOn)
        {
            Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { Code = PairingCode.Parse(right), TimeProvider = time }));
            Assert.True(receiver.Succeeded, receiver.Exception?.Message);
            Assert.True((await sender).Succeeded);
        }
        else
        {
            Assert.Equal(P2PErrorCode.PairingFailed, (await sender).Error);
            Assert.False(Directory.Exists(_pair.Destination));
        }

        Assert.Equal([1, 2, 3], warnings);

        void Note(TransferEvent what)
        {
            if (what is TransferEvent.CodeGenerated made)
                code.TrySetResult(made.Code.Reveal());
            else if (what is TransferEvent.WrongCode wrong)
                warnings.Add(wrong.Attempts);
        }
    }

    [Fact]
    public async Task Encryption_off_on_one_side_alone_is_an_error_on_both()
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Encryption = PayloadEncryption.Off }, _pair.Receive);

        Assert.Equal(P2PErrorCode.ProtocolError, sender.Error);
        Assert.Equal(P2PErrorCode.ProtocolError, receiver.Error);
        Assert.Contains("encryption", receiver.Exception!.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_declined_offer_writes_nothing_and_tells_the_sender()
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send, _pair.Receive with { ConfirmOffer = (_, _) => ValueTask.FromResult(false) });

        Assert.Equal(P2PErrorCode.PeerAborted, sender.Error);
        Assert.Null(receiver.Error);
        Assert.All(receiver.Report!.Files, f => Assert.Equal(FileStatus.Skipped, f.Status));
        Assert.False(Directory.Exists(_pair.Destination));
    }

    [Fact]
    public async Task An_offer_above_the_limits_is_refused_on_both_sides()
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with { MaxSize = 1000 });

        Assert.Equal(P2PErrorCode.LimitExceeded, sender.Error);
        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
    }

    [Fact]
    public async Task Cancelling_the_sender_ends_the_receiver_with_PeerAborted()
    {
        MakeTree(_pair);
        using var stop = new CancellationTokenSource();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send, cancellationToken: stop.Token));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with
        {
            ConfirmOffer = (_, _) =>
            {
                stop.Cancel();
                return ValueTask.FromResult(true);
            },
        }));

        Assert.IsAssignableFrom<OperationCanceledException>((await sender).Exception);
        Assert.Equal(P2PErrorCode.PeerAborted, (await receiver).Error);
        TransferReport report = Assert.Single(_pair.SenderEvents.OfType<TransferEvent.Cancelled>()).Report;
        Assert.Equal(P2PErrorCode.Cancelled, report.Error?.Code);
        Assert.NotEmpty(report.Files);
        Assert.All(report.Files, f => Assert.Equal(FileStatus.Unconfirmed, f.Status));
    }

    [Fact]
    public async Task Nobody_coming_is_its_own_error()
    {
        MakeTree(_pair);
        var time = new ManualTimeProvider();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { TimeProvider = time, WaitTimeout = TimeSpan.FromSeconds(60) }));
        await WaitForAsync(() => _pair.SenderEvents.Count > 0);

        time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(P2PErrorCode.PeerDidNotCome, (await sender).Error);
    }
}
