using P2PCopy.Tool.Display;

namespace P2PCopy.Tool.Prompts;

/// <summary>The user's agreement to an offer, and to each file that it would replace.</summary>
/// <param name="display">Asks.</param>
/// <param name="options">The options of the receiver.</param>
internal sealed class OfferConsent(ITransferDisplay display, ReceiveOptions options)
{
    private OfferAnswer _answer = OfferAnswer.Each;

    /// <summary>Whether files that would be replaced may be kept.</summary>
    public bool MayKeep => options.OnConflict == ConflictPolicy.Ask;

    /// <summary>Whether the offer is accepted.</summary>
    public async ValueTask<bool> AgreeAsync(TransferOffer offer, CancellationToken cancellationToken)
    {
        // What does not fit is refused by the engine, with a reason; the user need not decide about it. Keeping files needs less space.
        bool cannotFit = offer.Plan is { MissingBytes: > 0 } plan && !options.SkipSpaceCheck && !(MayKeep && plan.ReplacedFiles > 0);
        if (cannotFit)
            return true;
        OfferAnswer answer = await display.ConfirmAsync(offer, MayKeep, cancellationToken);
        if (!offer.IsRepeat)
        {
            // The question named the files that would be replaced. If there were none, one that appears later is asked about.
            _answer = offer.Plan is { ReplacedFiles: > 0 } ? answer : OfferAnswer.Each;
        }

        return answer != OfferAnswer.No;
    }

    /// <summary>Whether a file is replaced.</summary>
    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken) => _answer switch
    {
        OfferAnswer.Yes => ValueTask.FromResult(ConflictAnswer.Replace),
        OfferAnswer.Keep => ValueTask.FromResult(ConflictAnswer.Keep),
        _ => display.ResolveAsync(conflict, cancellationToken),
    };
}
