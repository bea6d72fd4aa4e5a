using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Transfers;

/// <summary>Pages stay below what a control message may have, whatever is in them.</summary>
public sealed class PageTests
{
    private readonly List<ControlMessage> _sent = [];

    [Fact]
    public async Task A_plan_for_files_of_which_many_ranges_travel_takes_several_pages()
    {
        const int Files = 12;
        var pager = new PlanPager(0, SendAsync);
        for (int i = 0; i < Files; i++)
        {
            await pager.AddAsync(new PlannedEntry
            {
                Index = i,
                Keep = [],
                Copy = [.. Enumerable.Range(0, PlanCodec.MostSavings).SelectMany(n => (long[])[n << 17, n << 17, 1 << 16])],
                Send = [.. Enumerable.Range(0, PlanCodec.MostSavings).SelectMany(n => (long[])[(n << 17) + (1 << 16), 1 << 16])],
            });
        }

        await pager.FlushAsync(Files + 3, last: true);

        AssertBounded();
        PlanPage[] pages = [.. _sent.Cast<PlanPage>()];
        Assert.Equal(Enumerable.Range(0, pages.Length), pages.Select(p => p.Page));
        Assert.Equal(Enumerable.Range(0, Files).Select(i => (long)i), pages.SelectMany(p => p.Items).Select(i => i.Index));
        Assert.All(pages, p => Assert.All(p.Items, i => Assert.True(i.Index < p.UpTo)));
        Assert.Equal(pages.Select(p => p.UpTo).Order(), pages.Select(p => p.UpTo));
        Assert.Equal((true, Files + 3L), (pages[^1].Last, pages[^1].UpTo));
        Assert.All(pages[..^1], p => Assert.False(p.Last));
    }

    [Fact]
    public async Task Failures_with_long_sentences_take_several_pages()
    {
        const int Failures = 1900;
        using var results = new ResultBatcher(0, SendAsync, message => message, TimeProvider.System);
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
