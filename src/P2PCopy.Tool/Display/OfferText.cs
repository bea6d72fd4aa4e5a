using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tool.Display;

/// <summary>Shows an offer: names, size and, on a receiver, what would happen to the files that are here.</summary>
internal static class OfferText
{
    /// <param name="offer">The offer.</param>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="mostNames">Limit for the number of names.</param>
    /// <param name="columns">Columns of a line; longer names are shortened.</param>
    public static void Write(TransferOffer offer, TextWriter writer, int mostNames, int columns)
    {
        foreach (string name in offer.Names.Take(mostNames))
            writer.WriteLine("  " + HumanText.Fit(name, columns - 2));
        long more = offer.FileCount + offer.FolderCount - Math.Min(offer.Names.Count, mostNames);
        if (more > 0)
            writer.WriteLine($"  … and {more:N0} more");
        if (offer.Plan is { } plan)
        {
            writer.WriteLine("To " + HumanText.Fit(plan.Destination, columns - 3));
            foreach (string line in PlanText.Lines(plan, columns, HumanText.Fit))
                writer.WriteLine(HumanText.Wrap(line, columns, 2));
        }

        string free = offer.FreeBytes is { } bytes ? $"; {HumanText.Size(bytes)} free here" : string.Empty;
        writer.WriteLine(HumanText.Wrap(Describe(offer) + free, columns, 0));
    }

    public static string Describe(TransferOffer offer)
    {
        string folders = offer.FolderCount > 0 ? $" in {HumanText.Count(offer.FolderCount, "folder")}" : string.Empty;
        return HumanText.Count(offer.FileCount, "file") + folders + ", " + (offer.TotalBytes is { } bytes ? HumanText.Size(bytes) : "size unknown");
    }
}
