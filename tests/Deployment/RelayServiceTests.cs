using System.Net.Sockets;
using System.Text;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Deployment;

/// <summary>A relay as a service: its reports to systemd, a log that is full, and a system without handles.</summary>
public sealed class RelayServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Systemd_learns_that_the_relay_is_ready_alive_and_stopping()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no systemd.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("p2pcopy-notify-");
        try
        {
            string path = Path.Combine(folder.FullName, "notify");
            using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            systemd.Bind(new UnixDomainSocketEndPoint(path));
            await using DeployedTool relay = DeployedTool.Start(
                new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "400000" }, "relay", "--listen", "127.0.0.1:0");
            await ExpectAsync(systemd, "READY=1");
            await ExpectAsync(systemd, "WATCHDOG=1");
            relay.Terminate();
            await ExpectAsync(systemd, "STOPPING=1");
            Assert.Equal(0, await relay.WaitAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("2>/dev/full", 0)]
    [InlineData("2>&-", 0)]
    [InlineData("2>/dev/full --log-format json", 0)]
    [InlineData(">/dev/full", 1)]
    [InlineData(">&-", 1)]
    [InlineData(">&- 2>&-", 1)]
    public async Task A_relay_whose_output_cannot_be_written_goes_on(string redirection, int status)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /dev/full.");
        int port = Daemon.FreePort();
        string command = $"exec \"{DeployedTool.Program}\" relay --listen 127.0.0.1:{port} {redirection}";
        await using DeployedTool relay = DeployedTool.StartProgram("/bin/sh", new Dictionary<string, string>(), "-c", command);
        var address = new Uri($"ws://127.0.0.1:{port}");
        await UntilListeningAsync(address);
        for (int i = 0; i < 30; i++)
        {
            using RawClient sender = await RawClient.JoinAsync(address, TestRelay.Room, "send", TestRelay.Member(1));
            await sender.ExpectHintAsync("waiting");
            using RawClient receiver = await RawClient.JoinAsync(address, TestRelay.Room, "receive", TestRelay.Member(2));
            await receiver.ExpectHintAsync("paired");
        }

        relay.Terminate();
        Assert.Equal(status, await relay.WaitAsync());
    }

    [Theory]
    [InlineData("--log-path /dev/full")]
    [InlineData("2>/dev/full")]
    public async Task Metrics_count_the_lines_that_a_full_disk_loses(string log)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /dev/full.");
        string command = $"exec \"{DeployedTool.Program}\" relay --listen 127.0.0.1:0 {log}";
        await using DeployedTool relay = await DeployedTool.ListeningAsync(
            DeployedTool.StartProgram("/bin/sh", new Dictionary<string, string>(), "-c", command));
        using var http = new HttpClient();
        string metrics;
        do
            metrics = await http.GetStringAsync(new Uri($"http://{relay.Address.Authority}/metrics"), Cancel);
        while (metrics.Contains("\np2pcopy_relay_events_lost_total 0\n", StringComparison.Ordinal));
        Assert.Contains("\np2pcopy_relay_events_lost_total ", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public async Task An_error_that_cannot_be_written_is_still_an_exit_status(string redirection)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /dev/full.");
        await using DeployedTool relay = DeployedTool.StartProgram(
            "/bin/sh", new Dictionary<string, string>(), "-c", $"exec \"{DeployedTool.Program}\" relay --listen nonsense {redirection}");
        Assert.Equal(2, await relay.WaitAsync());
    }

    [Fact]
    public async Task A_relay_that_the_system_allows_few_handles_refuses_with_a_reason_and_serves_again_when_it_has_some()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of handles is set by a shell.");
        const int limit = 160;
        string command = $"ulimit -n {limit}; exec \"{DeployedTool.Program}\" relay --listen 127.0.0.1:0";
        await using DeployedTool relay = await DeployedTool.ListeningAsync(
            DeployedTool.StartProgram("/bin/sh", new Dictionary<string, string>(), "-c", command));
        Uri address = relay.Address;
        var open = new List<RawClient>();
        try
        {
            string answer = "";
            for (int i = 0; i < 200 && !answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal); i++)
            {
                RawClient client = await RawClient.ConnectAsync(address);
                open.Add(client);
                await client.SendAsync(RawClient.JoinHead($"handleshandleshandl{i:D3}", "send"));
                answer = await client.ReadHeadAsync();
            }

            Assert.Contains("which is all it allows", answer);

            // Far more clients than handles.
            for (int i = 0; i < 200; i++)
                open.Add(await RawClient.ConnectAsync(address));

            // The runtime ends the process if it has no handle for a library.
            Assert.InRange(Directory.EnumerateFileSystemEntries($"/proc/{relay.Id}/fd").Count(), 0, limit - 16);
        }
        finally
        {
            open.ForEach(c => c.Dispose());
        }

        string again = "";
        while (!again.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            try
            {
                using RawClient client = await RawClient.ConnectAsync(address);
                await client.SendAsync(RawClient.JoinHead(TestRelay.Room, "send"));
                again = await client.ReadHeadAsync();
            }
            catch (IOException)
            {
                // Refused before its request was read: the relay is still closing the others.
            }
        }

        relay.Terminate();
        Assert.Equal(0, await relay.WaitAsync());
    }

    private static async Task ExpectAsync(Socket systemd, string state)
    {
        byte[] buffer = new byte[256];
        string got;
        do
        {
            int length = await systemd.ReceiveAsync(buffer, Cancel).AsTask().WaitAsync(Cancel);
            got = Encoding.ASCII.GetString(buffer, 0, length);
        }
        while (got == "WATCHDOG=1" && state != got);
        Assert.Equal(state, got);
    }

    private static async Task UntilListeningAsync(Uri relay)
    {
        while (true)
        {
            try
            {
                using RawClient client = await RawClient.ConnectAsync(relay);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }
}
