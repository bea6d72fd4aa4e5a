using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Receiving;

namespace P2PCopy.Tests.Transfers;

/// <summary>Pages stay below what a control message may have, whatever is in them.</summary>
public sealed class PageTests
{
    private readonly List<ControlMessage> _sent = [];

    [Fact]
    public void A_list_of_blocks_and_the_longest_answer_fit_a_page()
    {
        List<byte> data = [];
        for (int i = 0; i < BlocksPage.BlocksPerPage; i++)
            BlocksPage.Append(data, int.MaxValue, UInt128.MaxValue);
        _sent.Add(new BlocksPage { Round = WireLimits.Rounds, Index = WireLimits.Entries - 1, Last = false, Data = [.. data] });

        // The blocks of another implementation fill its page, and every second one is found.
        int most = ControlEnvelope.MaxMessageLength * 3 / 4 / (data.Count / BlocksPage.BlocksPerPage);
        Assert.InRange(most, 1, WireLimits.BlocksInPage);
        _sent.Add(new FoundPage { Round = WireLimits.Rounds, Index = WireLimits.Entries - 1, Runs = [.. Enumerable.Repeat(1L, most)] });

        AssertBounded();
    }

    [Fact]
    public async Task Failures_with_long_sentences_take_several_pages()
    {
        const int Failures = 1900;
        using var results = new ResultBatcher(0, _ => [], SendAsync, message => message, TimeProvider.System);
        for (int i = 0; i < Failures; i++)
            await results.AddFailedAsync(i, P2PErrorCode.FileWriteError, new string('ü', 1000));

        await results.FlushAsync(last: true);

        lock (_sent)
        {
            AssertBounded();
            Assert.Equal(Failures, _sent.Cast<ResultsPage>().Sum(p => p.Failed.Length));
        }
    }

    private ValueTask SendAsync(ControlMessage message)
    {
        lock (_sent)
            _sent.Add(message);
        return ValueTask.CompletedTask;
    }

    private void AssertBounded() => Assert.All(_sent, m => Assert.InRange(ControlJson.Encode(m).Length, 1, ControlEnvelope.MaxMessageLength));
}
