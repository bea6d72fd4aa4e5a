using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Parts -- --filter '*'        (one class: '*Records*'; a quick look: add --job short)
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
