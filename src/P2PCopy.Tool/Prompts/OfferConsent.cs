using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
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
        // The user need not decide about what does not fit. It is refused here, because there may be more space in a moment, and nothing is
        // received without a question. Keeping files needs less space.
        if (offer.Plan is { MissingBytes: > 0 } plan && !options.SkipSpaceCheck && !(MayKeep && plan.ReplacedFiles > 0))
        {
            throw new P2PException(
                P2PErrorCode.InsufficientSpace, $"The transfer needs {HumanText.Size(plan.MissingBytes)} more than \"{VisibleText.Name(plan.Destination)}\" has free.")
            {
                Hint = DestinationSpace.Advice,
            };
        }

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
