namespace P2PCopy.Tool.Display;

/// <summary>Shows what a receiver would do with an offer.</summary>
internal static class PlanText
{
    private const int MostNames = 5;
    private const int Columns = 77;

    public static void Write(TransferPlan plan, TextWriter writer)
    {
        writer.WriteLine("To " + HumanText.Fit(plan.Destination, Columns - 3));
        List<string> parts = [];
        Add(plan.NewFiles, "new");
        Add(plan.ReplacedFiles, "to replace");
        Add(plan.UnchangedFiles, "unchanged");
        Add(plan.LeftFiles, "left as they are");
        writer.WriteLine("  " + string.Join(", ", parts) + (plan.BytesToTransfer is { } bytes ? $"; up to {HumanText.Size(bytes)} to transfer" : string.Empty));
        Names("Replaces newer files here:", plan.NewerNames, plan.NewerHere);
        Names("Replaces:", plan.ReplacedNames, plan.ReplacedFiles - plan.NewerHere);
        if (plan.ExecutableFiles > 0)
            writer.WriteLine($"  {HumanText.Count(plan.ExecutableFiles, "file")} executable");
        if (plan.HiddenFiles > 0)
            writer.WriteLine($"  {HumanText.Count(plan.HiddenFiles, "file")} hidden");

        void Add(long count, string word)
        {
            if (count > 0)
                parts.Add($"{count:N0} {word}");
        }

        void Names(string title, IReadOnlyList<string> names, long count)
        {
            if (count == 0)
                return;
            writer.WriteLine("  " + title);
            foreach (string name in names.Take(MostNames))
                writer.WriteLine("    " + HumanText.Fit(name, Columns - 4));
            if (count > MostNames)
                writer.WriteLine($"    … and {count - MostNames:N0} more");
        }
    }
}
