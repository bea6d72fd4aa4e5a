using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>A code that is easy to guess is refused before anything is sent, unless the user insists.</summary>
public sealed class CodeStrengthTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Theory]
    [InlineData("abcd-1234")]
    [InlineData("abcd-efgh")]
    [InlineData("lab-hunter2")]
    [InlineData("lab-password")]
    [InlineData("lab-aaaaaaaaaaaa")]
    [InlineData("lab-amber-canoe")]
    public async Task A_code_of_less_than_30_bits_is_refused_on_both_sides_and_not_shown(string code)
    {
        _pair.Write("source/file", [1]);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Code = PairingCode.Parse(code) }, _pair.Receive with { Code = PairingCode.Parse(code) });

        foreach (Outcome side in (Outcome[])[sender, receiver])
        {
            Assert.Equal(P2PErrorCode.InvalidOption, side.Error);
            Assert.Contains("30 are required", side.Exception!.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(code.Split('-', 2)[1], side.Exception.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, _pair.Relay.Pairs);
    }

    [Fact]
    public async Task It_is_accepted_when_the_user_insists()
    {
        _pair.Write("source/file", [1]);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Code = PairingCode.Parse("lab-hunter2"), AllowWeakCode = true }, _pair.Receive with { Code = PairingCode.Parse("lab-hunter2"), AllowWeakCode = true });
        Assert.True(sender.Succeeded && receiver.Succeeded);
    }

    [Theory]
    [InlineData("lab-k7q-x2mw", true)] // 32 bits
    [InlineData("lab-k7q-x2mw-90pd", false)] // more than 40 bits
    [InlineData("lab-acorn-bamboo-cactus", false)] // three words, as generated
    public async Task A_chosen_code_of_less_than_40_bits_is_accepted_with_a_warning(string code, bool warns)
    {
        _pair.Write("source/file", [1]);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Code = PairingCode.Parse(code) }, _pair.Receive with { Code = PairingCode.Parse(code) });

        Assert.True(sender.Succeeded && receiver.Succeeded);
        foreach (List<TransferEvent> events in (List<TransferEvent>[])[_pair.SenderEvents, _pair.ReceiverEvents])
            Assert.Equal(warns ? 1 : 0, events.OfType<TransferEvent.Warning>().Count(e => e.Message.StartsWith("The code is short", StringComparison.Ordinal)));
    }

    public void Dispose() => _pair.Dispose();
}
