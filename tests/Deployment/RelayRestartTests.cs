using System.Globalization;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// A relay that gets its socket from the service manager: the socket outlives the process, so a restart refuses no client. A
/// small service manager stands for systemd; tests/Deployment/nspawn.sh restarts the unit under the real one.
/// </summary>
public sealed partial class RelayRestartTests
{
    // Holds a socket, passes it as systemd does, and starts the program again when it has ended.
    private const string ServiceManager = """
        import os, socket, sys
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        held.listen(128)
        print("port", held.getsockname()[1], flush=True)
        while True:
            process = os.fork()
            if process == 0:
                os.dup2(held.fileno(), 3)
                os.set_inheritable(3, True)
                os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
                os.execv(sys.argv[1], sys.argv[1:])
            print("process", process, flush=True)
            print("status", os.waitpid(process, 0)[1], flush=True)
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_join_during_a_restart_are_admitted_by_the_next_process()
    {
        await using DeployedTool manager = await StartAsync();
        using RawClient waiting = await RawClient.JoinAsync(manager.Address, TestRelay.Room, "send", TestRelay.Member(1));
        await waiting.ExpectHintAsync("waiting");
        using RawClient receiver = await RawClient.JoinAsync(manager.Address, TestRelay.Room, "receive", TestRelay.Member(2));
        await receiver.ExpectHintAsync("paired");

        // The pair does not end by itself, so the drain takes its whole time.
        Signals.Terminate(await ProcessAsync(manager, 0));
        await SaidAsync(manager, StoppingLine());
        int joined = 0;
        while (!ProcessLine().Matches(manager.Output).Skip(1).Any())
        {
            string room = string.Create(CultureInfo.InvariantCulture, $"restartrestartresta{joined++:D3}");
            using RawClient client = await RawClient.JoinAsync(manager.Address, room, "send", TestRelay.Member(3));
            await client.ExpectHintAsync("waiting");
        }

        Assert.InRange(joined, 1, int.MaxValue);
        Assert.Contains("status 0", manager.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transfer_continues_through_the_next_process()
    {
        await using DeployedTool manager = await StartAsync();
        using var pair = new TransferPair();
        byte[] content = new byte[3 << 20];
        new Random(1).NextBytes(content);
        var code = PairingCode.Parse("restart1-correct-horse-battery");
        var middle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(
            new SendOptions { Paths = [pair.Write("source/file", content)], Code = code, Relays = [manager.Address], BandwidthLimit = 1 << 20 },
            new Report(p =>
            {
                if (p.BytesDone > 500_000)
                    middle.TrySetResult();
            }),
            Cancel));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            new ReceiveOptions { Destination = pair.Folder["destination"], Code = code, Relays = [manager.Address] }, cancellationToken: Cancel));
        await middle.Task.WaitAsync(Cancel);

        Signals.Terminate(await ProcessAsync(manager, 0));

        Assert.True((await sender).Succeeded, manager.Output);
        Assert.True((await receiver).Succeeded, manager.Output);
        Assert.Equal(content, await File.ReadAllBytesAsync(pair.Folder["destination/file"], Cancel));
        await ProcessAsync(manager, 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("LISTEN_FDS=1 LISTEN_PID=1 ")]
    [InlineData("LISTEN_FDS=0 LISTEN_PID=$$ ")]
    [InlineData("LISTEN_FDS=1 LISTEN_PID=$$ ", "3</dev/null")]
    public async Task Without_a_socket_from_systemd_the_relay_says_so_and_ends(string variables, string redirection = "")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no systemd.");
        await using DeployedTool relay = DeployedTool.StartProgram(
            "/bin/sh", new Dictionary<string, string>(), "-c", $"{variables}exec \"{DeployedTool.Program}\" relay --listen systemd {redirection}");
        Assert.Equal(2, await relay.WaitAsync());
        Assert.Contains("systemd passed", relay.Output, StringComparison.Ordinal);
    }

    private static async Task<DeployedTool> StartAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no systemd.");
        DeployedTool manager = DeployedTool.StartProgram(
            Daemon.Find("python3"), new Dictionary<string, string>(), "-c", ServiceManager, DeployedTool.Program, "relay", "--listen", "systemd", "--drain-timeout", "1s");
        return await DeployedTool.ListeningAsync(manager);
    }

    /// <summary>The identifier of the first, second … process.</summary>
    private static async Task<int> ProcessAsync(DeployedTool manager, int number)
        => int.Parse((await SaidAsync(manager, ProcessLine(), number)).Groups[1].Value, CultureInfo.InvariantCulture);

    private static async Task<Match> SaidAsync(DeployedTool manager, Regex line, int number = 0)
    {
        while (true)
        {
            if (line.Matches(manager.Output).Skip(number).FirstOrDefault() is { } match)
                return match;
            await Task.Delay(10, Cancel);
        }
    }

    [GeneratedRegex("^process ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex ProcessLine();

    [GeneratedRegex("stopping")]
    private static partial Regex StoppingLine();

    private sealed class Report(Action<TransferProgress> seen) : IProgress<TransferProgress>
    {
        void IProgress<TransferProgress>.Report(TransferProgress value) => seen(value);
    }
}
