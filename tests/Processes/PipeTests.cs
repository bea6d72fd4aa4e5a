using System.Globalization;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// <c>send -</c> and <c>receive --stdout</c> as processes. The long version, beside which a file is sent to compare the
/// speed, is <c>P2PCOPY_STREAM_MIB=5120 dotnet test --filter-class "*PipeTests"</c>; it wants an idle machine.
/// </summary>
public sealed class PipeTests(ITestOutputHelper output) : IDisposable
{
    private const string Code = "pipes1-correct-horse-battery";
    private const int ShortMebibytes = 96;
    private const int ConnectionLost = 6;

    private readonly TemporaryFolder _folder = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    [Fact]
    public async Task A_stream_survives_two_lost_connections_with_flat_memory_at_the_speed_of_files()
    {
        bool isLong = Environment.GetEnvironmentVariable("P2PCOPY_STREAM_MIB") is { Length: > 0 };
        long length = long.Parse(Environment.GetEnvironmentVariable("P2PCOPY_STREAM_MIB") is { Length: > 0 } given ? given : $"{ShortMebibytes}", CultureInfo.InvariantCulture) << 20;
        byte[] pattern = new byte[(32 << 20) + 12345];
        new Random(3).NextBytes(pattern);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--quiet");
        await using ToolProcess relayEnd = relay;
        await using var proxy = new FaultProxy(address);
        double file = isLong ? await FileRateAsync(pattern, proxy.Address) : 0;

        await using PipeProcess sender = PipeProcess.Start(Code, "send", "-", "--name", "data", "--relay", proxy.Address.AbsoluteUri, "--json", "--quiet");
        await using PipeProcess receiver = PipeProcess.Start(Code, "receive", "--stdout", "--relay", proxy.Address.AbsoluteUri, "--json", "--quiet");
        int cuts = 0;
        long early = 0, late = 0, nextSample = 0;
        Task feed = sender.FeedAsync(pattern, length);
        long arrived = await receiver.DrainAsync(pattern, total =>
        {
            if (cuts < 2 && total > (cuts + 1) * length / 3)
            {
                cuts++;
                proxy.CutAll();
            }

            // Seldom: asking for the memory of a process costs more than the pipe does for a part.
            if (total < nextSample)
                return;
            nextSample = total + (16 << 20);
            long resident = Math.Max(sender.Resident, receiver.Resident);
            (early, late) = total < length / 2 ? (Math.Max(early, resident), late) : (early, Math.Max(late, resident));
        });
        await feed;
        (int status, string said) = await receiver.WaitAsync();
        (int senderStatus, _) = await sender.WaitAsync();

        Assert.Equal((length, 0, 0), (arrived, status, senderStatus));
        Assert.Equal(2, PipeProcess.Summary(said, "reconnects"));
        double rate = length / PipeProcess.Summary(said, "seconds");
        output.WriteLine($"{length >> 20} MiB at {rate / (1 << 20):0} MiB/s (a file: {file / (1 << 20):0} MiB/s); resident at most {early >> 20} MiB in the first half and {late >> 20} MiB in the second.");
        Assert.True(late < early + (48 << 20) && late < 400 << 20, $"Memory grew from {early:N0} to {late:N0}.");
        Assert.True(rate >= 0.7 * file, $"The stream came at {rate:N0} bytes a second, the file at {file:N0}.");
    }

    [Fact]
    public async Task A_reader_that_pauses_holds_the_sender_back()
    {
        byte[] pattern = new byte[1 << 20];
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--quiet");
        await using ToolProcess relayEnd = relay;
        await using PipeProcess sender = PipeProcess.Start(Code, "send", "-", "--name", "data", "--relay", address.AbsoluteUri, "--compression", "off");
        await using PipeProcess receiver = PipeProcess.Start(Code, "receive", "--stdout", "--relay", address.AbsoluteUri);
        const int Most = 256;
        int fed = 0;
        Task feed = Task.Run(async () =>
        {
            for (; fed < Most; fed++)
                await sender.Input.WriteAsync(pattern);
            sender.Input.Close();
        });

        // The output is not read, so only the bytes that both sides and the relay may hold are accepted.
        int before;
        do
        {
            before = Volatile.Read(ref fed);
            await Task.Delay(1000, TestContext.Current.CancellationToken);
        }
        while (before == 0 || Volatile.Read(ref fed) != before);

        Assert.InRange(before, 1, 160);
        Assert.Equal((long)Most << 20, await receiver.DrainAsync(pattern));
        await feed;
        Assert.Equal((0, 0), ((await sender.WaitAsync()).Status, (await receiver.WaitAsync()).Status));
    }

    [Fact]
    public async Task A_killed_sender_makes_the_receiver_end_with_6_however_much_has_come()
    {
        byte[] pattern = new byte[1 << 20];
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--quiet");
        await using ToolProcess relayEnd = relay;
        await using PipeProcess sender = PipeProcess.Start(Code, "send", "-", "--name", "data", "--relay", address.AbsoluteUri);
        await using PipeProcess receiver = PipeProcess.Start(Code, "receive", "--stdout", "--relay", address.AbsoluteUri, "--retry-timeout", "1");
        for (int i = 0; i < 8; i++)
            await sender.Input.WriteAsync(pattern, TestContext.Current.CancellationToken);
        await receiver.Output.ReadExactlyAsync(pattern, TestContext.Current.CancellationToken);

        sender.Kill();
        await receiver.Output.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);

        (int status, string error) = await receiver.WaitAsync();
        Assert.Equal(ConnectionLost, status);
        Assert.Contains("[ConnectionLost]", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_goes_away_fails_the_transfer_on_both_sides()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), ".NET alone does not tell it there.");
        await using Flow flow = await Flow.StartAsync();
        (PipeProcess sender, PipeProcess receiver) = (flow.Sender, flow.Receiver);

        receiver.Output.Close();

        (int status, string error) = await receiver.WaitAsync();
        await Task.WhenAny(flow.Feed); // the sender may end before it has read all
        Assert.Equal((3, 3), (status, (await sender.WaitAsync()).Status));
        Assert.Contains("[FileWriteError]", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_ends_a_receiver_whose_output_nobody_reads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        await using Flow flow = await Flow.StartAsync();
        (PipeProcess sender, PipeProcess receiver) = (flow.Sender, flow.Receiver);

        receiver.Terminate();

        (int status, string error) = await receiver.WaitAsync().WaitAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(flow.Feed); // the sender may end before it has read all
        Assert.Equal((130, 8), (status, (await sender.WaitAsync()).Status));
        Assert.Contains("[Cancelled]", error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Bytes a second of a file of 1 GiB on the same way.</summary>
    private async Task<double> FileRateAsync(byte[] pattern, Uri relay)
    {
        const long Length = 1L << 30;
        string path = _folder["file"];
        await using (FileStream file = File.Create(path))
        {
            for (long done = 0; done < Length; done += pattern.Length)
                await file.WriteAsync(pattern.AsMemory(0, (int)Math.Min(pattern.Length, Length - done)));
        }

        await using ToolProcess sender = ToolProcess.Start(Code, "send", path, "--relay", relay.AbsoluteUri, "--quiet");
        await using ToolProcess receiver = ToolProcess.Start(Code, "receive", _folder["arrived"], "--relay", relay.AbsoluteUri, "--json", "--quiet");
        Assert.True(await receiver.WaitAsync(TimeSpan.FromMinutes(3)) == 0 && await sender.WaitAsync() == 0, receiver.Said + sender.Said);
        double seconds = receiver.Events.Single(e => e.GetProperty("event").GetString() == "summary").GetProperty("seconds").GetDouble();
        File.Delete(path);
        Directory.Delete(_folder["arrived"], recursive: true);
        return Length / seconds;
    }

    /// <summary>More data on its way through both processes than a pipe holds.</summary>
    private sealed record Flow(ToolProcess Relay, PipeProcess Sender, PipeProcess Receiver, Task Feed) : IAsyncDisposable
    {
        public static async Task<Flow> StartAsync()
        {
            byte[] pattern = new byte[1 << 20];
            (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--quiet");
            PipeProcess sender = PipeProcess.Start(Code, "send", "-", "--name", "data", "--relay", address.AbsoluteUri);
            PipeProcess receiver = PipeProcess.Start(Code, "receive", "--stdout", "--relay", address.AbsoluteUri);
            var flow = new Flow(relay, sender, receiver, sender.FeedAsync(pattern, pattern.Length * 8));
            await receiver.Output.ReadExactlyAsync(new byte[1000], TestContext.Current.CancellationToken);
            return flow;
        }

        public async ValueTask DisposeAsync()
        {
            await Receiver.DisposeAsync();
            await Sender.DisposeAsync();
            await Relay.DisposeAsync();
        }
    }
}
