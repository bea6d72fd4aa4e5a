namespace P2PCopy.Tool.Display;

/// <summary>Shows what a receiver would do with an offer.</summary>
internal static class PlanText
{
    private const int MostNames = 5;

    public static void Write(TransferPlan plan, TextWriter writer, int columns)
    {
        writer.WriteLine("To " + HumanText.Fit(plan.Destination, columns - 3));
        List<string> parts = [];
        Add(plan.NewFiles, "new");
        Add(plan.ReplacedFiles, "to replace");
        Add(plan.UnchangedFiles, "unchanged");
        Add(plan.LeftFiles, "left as they are");
        string size = plan.BytesToTransfer is { } bytes ? $"; up to {HumanText.Size(bytes)} to transfer" : string.Empty;
        writer.WriteLine(HumanText.Wrap("  " + string.Join(", ", parts) + size, columns, 2));
        Names("Replaces newer files here:", plan.NewerNames, plan.NewerHere);
        Names("Replaces:", plan.ReplacedNames, plan.ReplacedFiles - plan.NewerHere);
        if (plan.MissingBytes > 0)
            writer.WriteLine($"  {HumanText.Size(plan.MissingBytes)} too little space");
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
                writer.WriteLine("    " + HumanText.Fit(name, columns - 4));
            if (count > MostNames)
                writer.WriteLine($"    … and {count - MostNames:N0} more");
        }
    }
}
