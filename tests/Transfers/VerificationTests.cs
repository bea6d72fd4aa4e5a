using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Both users see the same four words before content moves, and either can end the transfer there.</summary>
public sealed class VerificationTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Fact]
    public async Task Both_sides_show_the_same_four_words_before_anything_is_offered()
    {
        _pair.Write("source/file", [1, 2, 3]);
        List<string> shown = [];
        bool offered = false;

        ValueTask<bool> Show(string words, CancellationToken cancellationToken)
        {
            lock (shown)
                shown.Add(words);
            Assert.False(offered);
            return ValueTask.FromResult(true);
        }

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Verify = Show },
            _pair.Receive with
            {
                Verify = Show,
                ConfirmOffer = (_, _) =>
                {
                    offered = true;
                    return ValueTask.FromResult(true);
                },
            });

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.True(offered);
        Assert.Equal(2, shown.Count);
        Assert.Equal(shown[0], shown[1]);
        Assert.Matches("^[a-z]{4,7}( [a-z]{4,7}){3}$", shown[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_that_does_not_confirm_the_words_ends_both_and_nothing_is_written(bool senderRefuses)
    {
        _pair.Write("source/file", [1, 2, 3]);
        Func<string, CancellationToken, ValueTask<bool>> refuse = (_, _) => ValueTask.FromResult(false);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            senderRefuses ? _pair.Send with { Verify = refuse } : _pair.Send,
            senderRefuses ? _pair.Receive : _pair.Receive with { Verify = refuse });

        (Outcome refusing, Outcome other) = senderRefuses ? (sender, receiver) : (receiver, sender);
        Assert.Equal(P2PErrorCode.PairingFailed, refusing.Error);
        Assert.Equal(P2PErrorCode.PeerAborted, other.Error);
        Assert.False(File.Exists(Path.Combine(_pair.Destination, "source/file")));
    }

    [Fact]
    public void A_standing_receiver_cannot_ask()
    {
        P2PException error = Assert.Throws<P2PException>(() => P2PTransfer.ReceiveContinuouslyAsync(
            _pair.Receive with { Code = PairingCode.Parse("stand1-acorn-bamboo-cactus-dolphin"), Verify = (_, _) => ValueTask.FromResult(true) }));
        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
    }

    public void Dispose() => _pair.Dispose();
}
