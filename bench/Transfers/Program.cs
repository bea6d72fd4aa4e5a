using System.Globalization;
using P2PCopy.Bench.Transfers;

// Measures whole transfers as separate processes and prints tables in Markdown: docs/benchmarks.md says how to read them.
// Usage: Transfers [scenario…] [--runs 5] [--mib 1024] [--folder /dev/shm] [--only text]; without a scenario it lists them.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
List<string> names = [];
var settings = new Settings();
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--runs":
            settings = settings with { Runs = int.Parse(args[++i], CultureInfo.InvariantCulture) };
            break;
        case "--mib":
            settings = settings with { MiB = int.Parse(args[++i], CultureInfo.InvariantCulture) };
            break;
        case "--folder":
            settings = settings with { Folder = args[++i] };
            break;
        case "--only":
            settings = settings with { Only = args[++i] };
            break;
        default:
            names.Add(args[i]);
            break;
    }
}

if (names.Count == 0)
{
    foreach (Scenario scenario in Scenario.All)
        Console.WriteLine($"{scenario.Name,-12} {scenario.Title}");
    Console.WriteLine($"{Allocations.Name,-12} {Allocations.Title}");
    return 0;
}

if (!File.Exists(ToolContender.Tool))
{
    Console.Error.WriteLine($"There is no {ToolContender.Tool}: build the solution with -c Release first.");
    return 2;
}

if (ToolContender.IsStale)
{
    Console.Error.WriteLine($"{ToolContender.Tool} is older than the tool of dotnet build: make it anew with dotnet build src/Package.proj -t:PublishSingleFile, or delete it.");
    return 2;
}

Console.WriteLine($"Measured: {ToolContender.Tool}\n");
using var workspace = new Workspace(settings);
foreach (string name in names)
{
    if (name == Allocations.Name)
        await Allocations.RunAsync(workspace);
    else if (Scenario.All.FirstOrDefault(s => s.Name == name) is { } scenario)
        await new ScenarioRun(scenario, workspace).RunAsync();
    else
        Console.Error.WriteLine($"There is no scenario \"{name}\".");
}

return 0;
