using System.Diagnostics;
using System.Globalization;
using P2PCopy.Simulation.Scenarios;

namespace P2PCopy.Simulation;

/// <summary>
/// Runs scenarios: <c>--scenarios N</c> or <c>--seconds N</c>, from the random seed that is printed or from <c>--seed N</c>.
/// <c>--first</c> ends with the first violation; <c>--replay SEED</c> shows one scenario; <c>--twice</c> runs each a second time and
/// compares.
/// </summary>
internal static class Program
{
    private const int MostFailures = 10;

    private static int Main(string[] args)
    {
        if (Number(args, "--replay") is { } replay)
            return Replay(replay);
        long scenarios = (long?)Number(args, "--scenarios") ?? (Number(args, "--seconds") is null ? 1000 : long.MaxValue);
        TimeSpan limit = Number(args, "--seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        ulong first = Number(args, "--seed") ?? (ulong)Random.Shared.NextInt64(1L << 40);
        bool isTwice = args.Contains("--twice");
        int mostFailures = args.Contains("--first") ? 1 : MostFailures;
        Console.WriteLine($"seed {first}");
        Scenario.Run(first, isVerbose: false); // compiles most of the code

        var watch = Stopwatch.StartNew();
        long played = 0, failed = 0;
        TimeSpan simulated = TimeSpan.Zero, told = TimeSpan.Zero;
        for (; played < scenarios && watch.Elapsed < limit && failed < mostFailures; played++)
        {
            ulong seed = first + (ulong)played;
            Verdict verdict = Scenario.Run(seed, isVerbose: false);
            simulated += verdict.Simulated;
            if (isTwice && Scenario.Run(seed, isVerbose: false).Trace.Hash != verdict.Trace.Hash)
            {
                failed++;
                Console.WriteLine($"FAILED {seed}: a second run was different");
            }

            if (verdict.Violations.Count > 0)
            {
                failed++;
                Console.WriteLine($"FAILED {seed}: {verdict.Plan}");
                foreach (string violation in verdict.Violations)
                    Console.WriteLine($"    {violation.Split('\n')[0]}");
            }

            if (watch.Elapsed - told > TimeSpan.FromMinutes(1))
            {
                told = watch.Elapsed;
                Console.WriteLine($"{played + 1:N0} scenarios, {failed} failed, {(played + 1) / Environment.CpuUsage.TotalTime.TotalSeconds:0} per second of one core");
            }
        }

        Console.WriteLine($"{played:N0} scenarios from seed {first}, {simulated.TotalHours:N0} h simulated in {watch.Elapsed.TotalSeconds:0} s: {played / Environment.CpuUsage.TotalTime.TotalSeconds:0} per second of one core");
        Console.WriteLine($"{played - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static int Replay(ulong seed)
    {
        Verdict verdict = Scenario.Run(seed, isVerbose: true);
        foreach (string line in verdict.Trace.Lines)
            Console.WriteLine(line);
        foreach (string violation in verdict.Violations)
            Console.WriteLine($"VIOLATED {violation}");
        Console.WriteLine($"trace {verdict.Trace.Hash:x16}");
        return verdict.Violations.Count == 0 ? 0 : 1;
    }

    private static ulong? Number(string[] args, string name)
    {
        int at = Array.IndexOf(args, name);
        return at < 0 ? null : ulong.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
