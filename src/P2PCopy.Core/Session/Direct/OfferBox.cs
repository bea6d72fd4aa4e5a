using System.Threading.Channels;

namespace P2PCopy.Session.Direct;

/// <summary>The other side's offers for one direct connection, as they arrive. One reader at a time.</summary>
internal sealed class OfferBox
{
    private const int MostWaiting = 16;

    private readonly Channel<CandidateOffer> _offers = Channel.CreateBounded<CandidateOffer>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Adds an offer; the oldest one is dropped when there are too many.</summary>
    public void Add(CandidateOffer offer) => _offers.Writer.TryWrite(offer);

    /// <summary>The next offer for an attempt. Null if the next one is for a later attempt; it stays.</summary>
    public async ValueTask<CandidateOffer?> NextAsync(int attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _offers.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            if (!_offers.Reader.TryPeek(out CandidateOffer? next))
                continue;
            if (next.Attempt > attempt)
                return null;
            if (_offers.Reader.TryRead(out next) && next.Attempt == attempt)
                return next;
        }
    }

    /// <summary>Waits for an offer of a later attempt, and returns its number. The offer stays.</summary>
    public async ValueTask<int> LaterAsync(int attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _offers.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            if (!_offers.Reader.TryPeek(out CandidateOffer? next))
                continue;
            if (next.Attempt > attempt)
                return next.Attempt;
            _offers.Reader.TryRead(out _);
        }
    }
}
