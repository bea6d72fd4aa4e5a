using P2PCopy.Tool;

ProcessHardening.Apply();
ToolHost host = ToolHost.FromProcess();
using var signals = new StopSignals(exitNow: () => Environment.Exit(130));
return await CommandLine.RunAsync(host, args, signals.Token);
