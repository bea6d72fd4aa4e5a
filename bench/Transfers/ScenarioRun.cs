using System.Diagnostics;

namespace P2PCopy.Bench.Transfers;

/// <summary>Runs the contenders of a scenario in turn, so that a slow minute of the machine meets all of them, and prints the table.</summary>
internal sealed class ScenarioRun(Scenario scenario, Workspace workspace)
{
    private readonly Dictionary<string, List<Measurement>> _runs = [];
    private readonly MachineLimit _limit = new();

    public async Task RunAsync()
    {
        string source = workspace.SourceOf(scenario.Data);
        Contender[] all = [.. scenario.Contenders(workspace.Settings).Where(c => workspace.Settings.Only is not { } only || c.Name.Contains(only, StringComparison.Ordinal))];
        Contender[] contenders = [.. all.Where(c => c.IsAvailable)];
        for (int run = 0; run < workspace.Settings.Runs; run++)
        {
            if (scenario.Limit)
                _limit.Measure();
            foreach (Contender contender in contenders)
                await MeasureAsync(contender, source);
        }

        Print(source);
        foreach (Contender missing in all.Except(contenders))
            Console.WriteLine($"not installed: {missing.Name}");
        Console.WriteLine();
    }

    private async Task MeasureAsync(Contender contender, string source)
    {
        string folder = workspace.NewFolder();
        string destination = Directory.CreateDirectory(Path.Combine(folder, "copy")).FullName;
        try
        {
            Measurement measurement = await contender.RunAsync(source, destination, folder);
            if (contender.Copies)
                Verify(source, Path.Combine(destination, Path.GetFileName(source)));
            if (!_runs.TryGetValue(contender.Name, out List<Measurement>? runs))
                _runs[contender.Name] = runs = [];
            runs.Add(measurement);
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine($"{contender.Name}: {e.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Verify(string source, string copy)
    {
        using Process compare = Process.Start("diff", ["-r", "-q", source, copy]);
        compare.WaitForExit();
        if (compare.ExitCode != 0)
            throw new InvalidOperationException("the copy differs from the source");
    }

    private void Print(string source)
    {
        Console.WriteLine($"### {scenario.Name}: {scenario.Title}\n");
        Console.WriteLine("| | wall s (least–most) | CPU s (least–most) | of which | peak MiB |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach ((string name, List<Measurement> runs) in _runs)
        {
            string[] roles = [.. runs[0].Costs.Select(c => c.Role)];
            string Each(Func<ProcessCost, double> figure, string format) => roles.Length == 1
                ? string.Empty
                : string.Join(", ", roles.Select((role, i) => $"{role} {Median.Of(runs.Select(r => figure(r.Costs[i]))).ToString(format, null)}"));
            string peaks = string.Join(", ", roles.Select((_, i) => $"{runs.Max(r => r.Costs[i].PeakMiB):0}"));
            Console.WriteLine($"| {name} | {Median.WithSpread([.. runs.Select(r => r.WallSeconds)])} | {Median.WithSpread([.. runs.Select(r => r.CpuSeconds)])} | {Each(c => c.CpuSeconds, "0.00")} | {peaks} |");
        }

        Console.WriteLine();
        foreach (Ratio ratio in scenario.Ratios)
        {
            if (Wall(ratio.Of) is { } of && Wall(ratio.To) is { } to)
                Console.WriteLine($"- wall, {ratio.Of} / {ratio.To}: {of / to:0.00} (asked: {ratio.Asked})");
        }

        if (scenario.Limit)
            PrintLimit(new FileInfo(source).Length);
    }

    private void PrintLimit(long bytes)
    {
        if (!_runs.TryGetValue(new SocatRelay().Name, out List<Measurement>? moving) || !_runs.TryGetValue("p2pcopy", out List<Measurement>? own))
            return;
        double limit = _limit.CpuSeconds(bytes, Cpu(moving));
        Console.WriteLine($"- limit: {limit:0.00} CPU s = 2 × SHA-256 and 2 × AES-256-GCM ({limit - Cpu(moving):0.00}) + socat ({Cpu(moving):0.00})");
        Console.WriteLine($"- CPU / limit: {Cpu(own) / limit:0.00} (asked: ≤ 1.3); wall / (limit ÷ 2): {Wall("p2pcopy") / (limit / 2):0.00} (asked: ≤ 1.5)");
        if (_runs.TryGetValue("p2pcopy, wss", out List<Measurement>? tls))
        {
            double asked = (1.3 * limit) + (1.3 * _limit.SealSeconds(bytes, 4));
            Console.WriteLine($"- wss: CPU {Cpu(tls):0.00} (asked: ≤ {asked:0.00}), wall {Wall("p2pcopy, wss"):0.00} (asked: ≤ {((1.5 * limit) + (1.3 * _limit.SealSeconds(bytes, 4))) / 2:0.00})");
        }

        static double Cpu(List<Measurement> runs) => Median.Of(runs.Select(r => r.CpuSeconds));
    }

    private double? Wall(string name) => _runs.TryGetValue(name, out List<Measurement>? runs) ? Median.Of(runs.Select(r => r.WallSeconds)) : null;
}
