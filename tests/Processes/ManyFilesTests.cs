using System.Diagnostics;
using System.Globalization;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Processes;

public sealed class ManyFilesTests
{
    private const int FilesPerSecond = 5_000;
    private const long ResidentBytes = 400L << 20;

    [Fact]
    public Task Twenty_thousand_empty_files_pass_the_relay_in_little_memory() => PassAsync(20_000, isMeasured: false);

    /// <summary>On a busy machine most of a minute goes into making and deleting files: run with <c>-explicit on</c>.</summary>
    [Fact(Explicit = true)]
    public Task Two_hundred_thousand_empty_files_pass_the_relay_in_little_memory_and_time() => PassAsync(200_000, isMeasured: true);

    /// <summary>Two processes of the tool, so that each side's memory and time are its own.</summary>
    private static async Task PassAsync(int files, bool isMeasured)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the peak of the resident memory from /proc.");
        using var folder = new TemporaryFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        for (int i = 0; i < files; i += 1000)
        {
            string part = folder.Folder($"many/{i}");
            for (int k = 0; k < 1000; k++)
                File.Create(Path.Combine(part, $"file-{k}.txt"), 0).Dispose();
        }

        await using TestRelay relay = await TestRelay.StartAsync();
        using var sender = new Measured(relay.Address, "send", folder["many"]);
        using var receiver = new Measured(relay.Address, "receive", folder["copy"]);
        await Task.WhenAll(sender.EndAsync(), receiver.EndAsync());

        foreach (Measured side in new[] { sender, receiver })
        {
            TestContext.Current.TestOutputHelper!.WriteLine(side.ToString());
            Assert.Equal(0, side.ExitCode);
            Assert.InRange(side.PeakResident, 1, ResidentBytes);

            // Processor time also depends on what else the machine does.
            Assert.True(!isMeasured || side.ProcessorTime < TimeSpan.FromSeconds(files / FilesPerSecond), side.ToString());
        }

        Assert.Equal(files, Directory.EnumerateFiles(folder["copy"], "*.txt", SearchOption.AllDirectories).Count());
    }

    private sealed class Measured : IDisposable
    {
        private readonly Process _process;
        private readonly long _start = Stopwatch.GetTimestamp();

        public Measured(Uri relay, string command, string path)
        {
            string tool = Path.Combine(AppContext.BaseDirectory, "p2pcopy.dll");
            var start = new ProcessStartInfo("dotnet", [tool, command, path, "--relay", relay.AbsoluteUri, "--quiet"]) { RedirectStandardError = true };
            start.Environment["P2PCOPY_CODE"] = "many00-correct-horse-battery";
            _process = Process.Start(start)!;
        }

        public long PeakResident { get; private set; }

        public TimeSpan ProcessorTime { get; private set; }

        public TimeSpan Elapsed { get; private set; }

        public int ExitCode => _process.ExitCode;

        public string Errors { get; private set; } = "";

        /// <summary>Reads the process's own counters until it ends: they are gone with it.</summary>
        public async Task EndAsync()
        {
            Task<string> errors = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!_process.HasExited && await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
            {
                if (Counter("VmHWM:") is { } kibibytes)
                    PeakResident = kibibytes << 10;
                try
                {
                    ProcessorTime = _process.TotalProcessorTime;
                }
                catch (InvalidOperationException)
                {
                    break; // it ended in this moment
                }
            }

            await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Elapsed = Stopwatch.GetElapsedTime(_start);
            Errors = await errors;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.Dispose();
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{_process.StartInfo.ArgumentList[1]}: {PeakResident >> 20} MiB resident, {ProcessorTime.TotalSeconds:0.0} s of processor, {Elapsed.TotalSeconds:0.0} s; {Errors}");

        private long? Counter(string name)
        {
            try
            {
                string? line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
                return line is null ? null : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
