using System.Globalization;
using P2PCopy.Primitives;

namespace P2PCopy.Transfer.Reports;

/// <summary>Describes what a receiver would do with an offer, for the question whether to receive it.</summary>
internal static class PlanText
{
    private const int MostNames = 5;

    /// <summary>The lines of the description, without the destination folder.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="columns">The width of a line.</param>
    /// <param name="fit">Makes a name of the other side safe to show, in a number of columns.</param>
    public static IEnumerable<string> Lines(TransferPlan plan, int columns, Func<string, int, string> fit)
    {
        string parts = string.Join(", ", Parts(plan));
        yield return $"  {parts}{(plan.BytesToTransfer is { } bytes ? $"; up to {ByteText.Size(bytes)} to transfer" : string.Empty)}";
        foreach (string line in Names("Replaces newer files here:", plan.NewerNames, plan.NewerHere, columns, fit))
            yield return line;
        foreach (string line in Names("Replaces:", plan.ReplacedNames, plan.ReplacedFiles - plan.NewerHere, columns, fit))
            yield return line;
        if (plan.MissingBytes > 0)
            yield return $"  {ByteText.Size(plan.MissingBytes)} too little space";
        if (plan.ExecutableFiles > 0)
            yield return $"  {Files(plan.ExecutableFiles)} executable";
        if (plan.HiddenFiles > 0)
            yield return $"  {Files(plan.HiddenFiles)} hidden";
        if (plan.Links > 0)
            yield return $"  {Counted(plan.Links, "link")}";
        if (plan.FilesThroughLinks > 0)
            yield return $"  {Files(plan.FilesThroughLinks)} in folders that links here lead to";
        if (plan.ChangedFolders > 0)
            yield return $"  {Counted(plan.ChangedFolders, "folder")} here with other permissions afterwards";
    }

    private static IEnumerable<string> Parts(TransferPlan plan)
    {
        (long Count, string Word)[] all =
        [
            (plan.NewFiles, "new"), (plan.ReplacedFiles, "to replace"), (plan.UnchangedFiles, "unchanged"), (plan.LeftFiles, "left as they are"),
        ];
        return all.Where(part => part.Count > 0).Select(part => $"{Number(part.Count)} {part.Word}");
    }

    private static IEnumerable<string> Names(string title, IReadOnlyList<string> names, long count, int columns, Func<string, int, string> fit)
    {
        if (count == 0)
            yield break;
        yield return "  " + title;
        foreach (string name in names.Take(MostNames))
            yield return "    " + fit(name, columns - 4);
        if (count > MostNames)
            yield return $"    … and {Number(count - MostNames)} more";
    }

    private static string Files(long count) => Counted(count, "file");

    private static string Counted(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
