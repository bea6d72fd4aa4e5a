using System.Globalization;
using P2PCopy.Tool.Display;

namespace P2PCopy.Tool.Prompts;

/// <summary>The questions of a transfer.</summary>
internal sealed class TransferQuestions(ToolHost host)
{
    private static readonly string[] YesOrNo = ["yes", "no"];

    /// <summary>Whether to accept an offer, which was shown.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="mayKeep">Whether files that would be replaced may be kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public OfferAnswer Confirm(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken)
    {
        var question = new WordQuestion(host);
        if (mayKeep && offer.Plan is { ReplacedFiles: > 0 })
        {
            return question.Ask("Receive? yes, no, keep (the files here stay), each (asks for each) [no]: ", ["yes", "no", "keep", "each"], "no", cancellationToken) switch
            {
                "yes" => OfferAnswer.Yes,
                "keep" => OfferAnswer.Keep,
                "each" => OfferAnswer.Each,
                _ => OfferAnswer.No,
            };
        }

        // Enter alone agrees only to what can do no harm.
        bool isHarmless = !offer.IsRepeat && offer.Plan is { IsPlain: true };
        return question.Ask(isHarmless ? "Receive? [Y/n] " : "Receive? [y/N] ", YesOrNo, isHarmless ? "yes" : "no", cancellationToken) == "yes"
            ? OfferAnswer.Yes
            : OfferAnswer.No;
    }

    /// <summary>Whether to replace a file.</summary>
    public ConflictAnswer Resolve(FileConflict conflict, CancellationToken cancellationToken)
    {
        host.Error.WriteLine(HumanText.Fit(conflict.Name, host.ErrorColumns));
        host.Error.WriteLine($"  here:    {Describe(conflict.Length, conflict.Time)}{(conflict.IsNewerHere ? ", newer" : string.Empty)}");
        host.Error.WriteLine($"  offered: {Describe(conflict.OfferedLength, conflict.OfferedTime)}");
        string all = conflict.IsNewerHere ? "that are newer here" : "that are not newer here";
        return new WordQuestion(host).Ask($"Replace it? yes, no, all or none (of the files {all}) [no]: ", ["yes", "no", "all", "none"], "no", cancellationToken) switch
        {
            "yes" => ConflictAnswer.Replace,
            "all" => ConflictAnswer.ReplaceAll,
            "none" => ConflictAnswer.KeepAll,
            _ => ConflictAnswer.Keep,
        };
    }

    /// <summary>Whether the other side shows the same verification words.</summary>
    public bool Verify(CancellationToken cancellationToken)
        => new WordQuestion(host).Ask("Does the other side show the same words? [y/N] ", YesOrNo, "no", cancellationToken) == "yes";

    private static string Describe(long? length, DateTime? time)
    {
        string size = length is { } bytes ? HumanText.Size(bytes) : "a link";
        return time is { } utc ? $"{size}, {utc.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}" : size;
    }
}
