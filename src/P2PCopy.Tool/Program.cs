using P2PCopy.Tool;
using P2PCopy.Tool.Output;

ProcessHardening.Apply();
using var console = new WindowsConsole();
ToolHost host = ToolHost.FromProcess();
using var signals = new StopSignals(exitNow: () => Environment.Exit(130));
return await CommandLine.RunAsync(host, args, signals.Token);
