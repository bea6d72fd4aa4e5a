using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using P2PCopy.Tests.Deployment;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>
/// The relay's figures in docs/benchmarks.md. The relay is a process of the tool; all clients are in this one. Takes
/// minutes and the whole machine, so it runs only when asked for.
/// </summary>
public class RelayMeasurements
{
    private const int Gibibyte = 1 << 30;
    private const int MessageBytes = 1 << 20;

    private static readonly int[] BlockSizes = [64 << 10, 256 << 10, 1 << 20];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>No limit on what all comes from this one address.</summary>
    private static string[] NoLimits => ["--max-connections-per-address", "0", "--max-joins-per-minute-per-address", "0", "--max-connections", "20000", "--max-waiting-rooms", "0", "--quiet"];

    [Fact(Explicit = true)]
    public async Task A_thousand_pairs_move_data_at_once_at_about_the_same_rate_and_a_ping_gets_through()
    {
        int pairs = Number("P2PCOPY_MEASURE_PAIRS", 1000);
        int seconds = Number("P2PCOPY_MEASURE_SECONDS", 30);
        await using DeployedTool relay = await DeployedTool.StartRelayAsync("127.0.0.1:0", NoLimits);
        await using DeployedTool idle = await DeployedTool.StartRelayAsync("127.0.0.1:0", NoLimits);
        var load = new List<LoadClient>();
        for (int i = 0; i < pairs; i++)
            load.Add(await LoadClient.PairAsync(relay.Address, i, Cancel));

        byte[] frame = RawClient.Frame(2, new byte[MessageBytes]);
        using var stopSending = new CancellationTokenSource();
        using var stopReceiving = new CancellationTokenSource();
        Task[] receivers = [.. load.Select(c => Task.Run(() => c.ReceiveAsync(stopReceiving.Token)))];
        Task[] senders = [.. load.Select(c => Task.Run(() => c.SendAsync(frame, MessageBytes, stopSending.Token)))];
        await Task.Delay(TimeSpan.FromSeconds(5), Cancel);

        long[] before = [.. load.Select(c => c.Received)];
        var clock = Stopwatch.StartNew();
        TimeSpan processorBefore = relay.ProcessorTime;
        Task<List<double>> pinging = StartPinging(relay.Address, seconds);
        // What the machine itself costs just now: the same through a relay that has nothing else to do.
        Task<List<double>> pingingIdle = StartPinging(idle.Address, seconds);
        await Task.Delay(TimeSpan.FromSeconds(seconds), Cancel);
        long[] moved = [.. load.Select((c, i) => c.Received - before[i])];
        double elapsed = clock.Elapsed.TotalSeconds;
        double processor = (relay.ProcessorTime - processorBefore).TotalSeconds;
        List<double> pings = await pinging;
        List<double> idlePings = await pingingIdle;

        // Nothing may be lost: what was sent arrives.
        await stopSending.CancelAsync();
        await Task.WhenAll(senders).WaitAsync(TimeSpan.FromMinutes(5), Cancel);
        while (load.Any(c => c.Received < c.Sent) && !receivers.Any(r => r.IsFaulted))
            await Task.Delay(50, Cancel);
        await stopReceiving.CancelAsync();
        await Task.WhenAll(receivers);
        Assert.All(load, c => Assert.Equal(c.Sent, c.Received));
        load.ForEach(c => c.Dispose());

        Array.Sort(moved);
        pings.Sort();
        idlePings.Sort();
        double p5 = Percentile(moved, 5) / elapsed, p95 = Percentile(moved, 95) / elapsed;
        double ping99 = pings[(int)(pings.Count * 0.99)];
        Say($"{pairs} pairs, {elapsed:f1} s: {moved.Sum() / elapsed / 1e6:f0} MB/s in all, relay {processor / elapsed:f2} cores and {relay.Resident >> 20} MiB; rate of a pair p5 {p5 / 1e3:f0} kB/s, median {Percentile(moved, 50) / elapsed / 1e3:f0}, p95 {p95 / 1e3:f0}, p95/p5 {p95 / p5:f2}; {pings.Count} pings: median {pings[pings.Count / 2]:f1} ms, p99 {ping99:f1} ms, longest {pings[^1]:f1} ms; through an idle relay beside it: median {idlePings[idlePings.Count / 2]:f1} ms, p99 {idlePings[(int)(idlePings.Count * 0.99)]:f1} ms");
        Assert.True(p95 <= 2 * p5, $"p95/p5 is {p95 / p5:f2}");
        Assert.True(ping99 <= 250, $"p99 of the ping is {ping99:f1} ms");
    }

    [Fact(Explicit = true)]
    public async Task Relaying_costs_at_most_15_percent_more_processor_time_than_socat_at_its_best_block_size()
    {
        string socat = Daemon.Find("socat");
        int gibibytes = Number("P2PCOPY_MEASURE_GIB", 2);
        int rounds = Number("P2PCOPY_MEASURE_ROUNDS", 20);
        var ofRelay = new List<double>();
        Dictionary<int, List<double>> ofSocat = BlockSizes.ToDictionary(b => b, _ => new List<double>());
        for (int round = 1; round <= rounds; round++)
        {
            // Each round has processes of its own, of both: one that the scheduler has placed badly mostly stays so.
            await using DeployedTool relay = await DeployedTool.StartRelayAsync("127.0.0.1:0", NoLimits);
            await RelayAsync(relay, 0, 1);
            ofRelay.Add(await RelayAsync(relay, round, gibibytes));
            foreach (int block in BlockSizes)
                ofSocat[block].Add(await SocatAsync(socat, block, gibibytes));
            Say($"round {round}: relay {ofRelay[^1]:f2} s of processor time per GiB, socat {string.Join(", ", BlockSizes.Select(b => $"-b {b} {ofSocat[b][^1]:f2} s"))}");
        }

        int best = BlockSizes.MinBy(b => Median(ofSocat[b]));
        Say($"medians: relay {Median(ofRelay):f2} s, socat -b {best} {Median(ofSocat[best]):f2} s, ratio {Median(ofRelay) / Median(ofSocat[best]):f2}; least: {ofRelay.Min():f2} s and {ofSocat[best].Min():f2} s, ratio {ofRelay.Min() / ofSocat[best].Min():f2}");
        Assert.True(Median(ofRelay) <= 1.15 * Median(ofSocat[best]), $"ratio {Median(ofRelay) / Median(ofSocat[best]):f2}");
    }

    [Theory(Explicit = true)]
    [InlineData(false, 20_000, 400)]
    [InlineData(true, 5000, 600)]
    public async Task Waiting_connections_take_little_memory(bool secure, int most, int mebibytes)
    {
        // Each needs a handle here and one in the relay, which gets the same limit.
        int count = Math.Min(most, Handles() - 600);
        using var certificates = new TestCertificates();
        string[] tls = secure ? ["--certificate", certificates.CertificateFile, "--key", certificates.KeyFile] : [];
        await using DeployedTool relay = await DeployedTool.StartRelayAsync("127.0.0.1:0", [.. NoLimits, .. tls]);
        long empty = relay.Resident;
        var waiting = new List<IDisposable>();
        for (int i = 0; i < count; i++)
            waiting.Add(secure ? await JoinSecurelyAsync(relay.Address, certificates, i) : await LoadClient.JoinAsync(relay.Address, i.ToString("D22", CultureInfo.InvariantCulture), "send", Cancel));
        long last = relay.Resident;
        await Task.Delay(TimeSpan.FromSeconds(5), Cancel);
        long resident = relay.Resident;
        waiting.ForEach(w => w.Dispose());
        Say($"{(secure ? "wss" : "ws")}: {empty >> 20} MiB resident without, {resident >> 20} MiB with {count} waiting connections ({last >> 20} MiB right after the last joined)");
        Assert.True(Math.Max(last, resident) < (long)mebibytes << 20, $"{Math.Max(last, resident) >> 20} MiB");
    }

    // The limit of handles that the system allows a process, `ulimit -n`.
    private static int Handles()
    {
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
    }

    // On a thread of its own with blocking calls: this process's own queues must not count.
    private static Task<List<double>> StartPinging(Uri relay, int seconds)
        => Task.Factory.StartNew(() => Ping(relay, TimeSpan.FromSeconds(seconds)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static List<double> Ping(Uri relay, TimeSpan time)
    {
        using Socket sender = LoadClient.JoinAsync(relay, "pingpingpingpingping00", "send", Cancel).GetAwaiter().GetResult();
        using Socket receiver = LoadClient.JoinAsync(relay, "pingpingpingpingping00", "receive", Cancel).GetAwaiter().GetResult();
        byte[] frame = RawClient.Frame(2, new byte[32]);
        byte[] buffer = new byte[256];
        var times = new List<double>();
        var clock = Stopwatch.StartNew();
        // The hint of the pair, which is not answered.
        sender.Receive(buffer);
        while (clock.Elapsed < time)
        {
            long start = Stopwatch.GetTimestamp();
            Turn(sender, receiver);
            Turn(receiver, sender);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Thread.Sleep(20);
        }

        return times;

        void Turn(Socket from, Socket to)
        {
            from.Send(frame);
            for (int got = 0; got < 34;)
                got += to.Receive(buffer) is > 0 and var n ? n : throw new IOException("The relay closed.");
        }
    }

    private static async Task<double> RelayAsync(DeployedTool relay, int number, int gibibytes)
    {
        using LoadClient pair = await LoadClient.PairAsync(relay.Address, 5000 + number, Cancel);
        using var stop = new CancellationTokenSource();
        TimeSpan before = relay.ProcessorTime;
        Task receiving = pair.ReceiveAsync(stop.Token);
        byte[] frame = RawClient.Frame(2, new byte[MessageBytes]);
        using var once = new CancellationTokenSource();
        Task sending = pair.SendAsync(frame, MessageBytes, once.Token);
        while (pair.Received < (long)gibibytes * Gibibyte && !receiving.IsFaulted)
            await Task.Delay(5, Cancel);
        await once.CancelAsync();
        await sending;
        while (pair.Received < pair.Sent && !receiving.IsFaulted)
            await Task.Delay(5, Cancel);
        double processor = (relay.ProcessorTime - before).TotalSeconds;
        await stop.CancelAsync();
        await receiving;
        return processor * Gibibyte / pair.Received;
    }

    private static async Task<double> SocatAsync(string socat, int block, int gibibytes)
    {
        using var sink = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 128 * 1024 };
        sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        sink.Listen();
        int port = Daemon.FreePort();
        using Process process = Process.Start(socat, ["-b", $"{block}", $"TCP-LISTEN:{port},bind=127.0.0.1,nodelay", $"TCP:127.0.0.1:{((IPEndPoint)sink.LocalEndPoint!).Port},nodelay"]);
        try
        {
            using var source = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = 128 * 1024 };
            while (!await TryConnectAsync(source, port))
                await Task.Delay(20, Cancel);
            using Socket end = await sink.AcceptAsync(Cancel);
            long bytes = (long)gibibytes * Gibibyte;
            Task sending = Task.Run(async () =>
            {
                byte[] message = new byte[MessageBytes];
                for (long sent = 0; sent < bytes;)
                    sent += await source.SendAsync(message.AsMemory(0, (int)Math.Min(message.Length, bytes - sent)), Cancel);
            });
            byte[] buffer = new byte[64 * 1024];
            for (long got = 0; got < bytes;)
                got += await end.ReceiveAsync(buffer, Cancel) is > 0 and var n ? n : throw new IOException("socat closed.");
            await sending;
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds / gibibytes;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }
    }

    private static async Task<bool> TryConnectAsync(Socket socket, int port)
    {
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<IDisposable> JoinSecurelyAsync(Uri relay, TestCertificates trusted, int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port, Cancel);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, certificate, _, _) => certificate?.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256) == trusted.Fingerprint);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync(System.Text.Encoding.ASCII.GetBytes(RawClient.JoinHead(number.ToString("D22", CultureInfo.InvariantCulture), "send")), Cancel);
        byte[] answer = new byte[512];
        int count = await tls.ReadAsync(answer, Cancel);
        Assert.StartsWith("HTTP/1.1 101 ", System.Text.Encoding.ASCII.GetString(answer, 0, count));
        return tls;
    }

    private static double Percentile(long[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static int Number(string variable, int otherwise)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : otherwise;

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
