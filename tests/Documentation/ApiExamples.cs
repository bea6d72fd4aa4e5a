using System.Text;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Documentation;

/// <summary>
/// The snippets of docs/api.md, compiled and run: PageTests looks for each of them in here, line by line.
/// </summary>
public sealed class ApiExamples : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _console = new();

    [Fact]
    public async Task Two_sides_and_a_relay_of_ones_own()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string results = Path.GetDirectoryName(_folder.File("results/a.txt"))!, arrived = _folder["in"];
        var Console = new StringWriter(_console);

        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions
        {
            Listen = ["127.0.0.1:0"],
        });
        Uri address = relay.Addresses[0];

        PairingCode code = PairingCode.Generate();

        Task<TransferReport> sending = P2PTransfer.SendAsync(
            new SendOptions { Paths = [results], Relays = [address], Code = code },
            cancellationToken: cancellationToken);

        TransferReport report = await P2PTransfer.ReceiveAsync(
            new ReceiveOptions { Destination = arrived, Relays = [address], Code = code },
            cancellationToken: cancellationToken);

        report.EnsureSuccess();

        foreach (FileReport file in report.Files.Where(f => f.Kind == FileReportKind.File))
            Console.WriteLine($"{file.Status} {file.Length} {file.Hash} {file.FullName}");

        Assert.True(report.Succeeded && (await sending).Succeeded);
        Assert.Equal("content", File.ReadAllText(Path.Combine(arrived, "results", "a.txt")));
        Assert.StartsWith("Copied 7 ED7002B439E9AC845F22357D822BAC1444730FBDB6016D3EC9432297B9EC9F73 ", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_instead_of_files()
    {
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        Uri address = relay.Addresses[0];
        PairingCode code = PairingCode.Generate();
        using Stream source = new MemoryStream(new byte[3_000_000]);
        using var target = new MemoryStream();

        Task<TransferReport> sending = P2PTransfer.SendAsync(new SendOptions
        {
            InputStream = source,
            Name = "backup.tar",
            Relays = [address],
            Code = code,
        });

        TransferReport report = await P2PTransfer.ReceiveAsync(new ReceiveOptions
        {
            OutputStream = target,
            Relays = [address],
            Code = code,
        });

        Assert.True(report.Succeeded && (await sending).Succeeded);
        Assert.Equal(3_000_000, target.Length);
    }

    [Fact]
    public async Task What_happens_on_the_way_and_what_comes_of_it()
    {
        string results = Path.GetDirectoryName(_folder.File("results/a.txt"))!, arrived = _folder["in"];
        var Console = new StringWriter(_console);
        var told = new TaskCompletionSource<(Uri Address, PairingCode Code)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Uri? first = null;
        void Tell(Uri? address, PairingCode? code)
        {
            first ??= address;
            if (code is not null)
                told.SetResult((first!, code));
        }

        var options = new SendOptions
        {
            Paths = [results],
            EmbeddedRelay = new EmbeddedRelay(new RelayOptions { Listen = ["127.0.0.1:0"] }),
            OnEvent = e =>
            {
                switch (e)
                {
                    case TransferEvent.Listening listening:
                        Tell(listening.Addresses[0], null);
                        break;
                    case TransferEvent.CodeGenerated made:
                        Tell(null, made.Code);
                        break;
                    case TransferEvent.Reconnecting lost:
                        Console.WriteLine($"The connection is lost: {lost.Reason}");
                        break;
                }
            },
        };
        var progress = new Progress<TransferProgress>(p => Console.WriteLine($"{p.BytesDone} of {p.BytesTotal} bytes"));
        Task<TransferReport> sending = P2PTransfer.SendAsync(options, progress);

        (Uri address, PairingCode code) = await told.Task;

        TransferReport report = await P2PTransfer.ReceiveAsync(new ReceiveOptions
        {
            Destination = arrived,
            Relays = [address],
            Code = code,
            MaxSize = 10L << 30,
            ConfirmOffer = (offer, _) => ValueTask.FromResult(offer.FileCount < 1000),
        });

        Assert.True(report.Succeeded && (await sending).Succeeded);
    }

    [Fact]
    public async Task One_transfer_after_the_other()
    {
        var Console = new StringWriter(_console);
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var box = new ReceiveOptions { Destination = _folder["in"], Relays = relay.Addresses, Code = PairingCode.Generate(PairingCode.StandingWordCount) };
        var send = new SendOptions { Paths = [_folder.File("a")], Relays = relay.Addresses, Code = box.Code, SenderName = "night" };
        Task receiving = ReceiveAsync();

        await P2PTransfer.SendAsync(send, cancellationToken: TestContext.Current.CancellationToken);
        await P2PTransfer.SendAsync(send, cancellationToken: TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);

        Assert.StartsWith("night: 1 files, well", _console.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_folder["in"]).Length);

        async Task ReceiveAsync()
        {
            await foreach (TransferReport report in P2PTransfer.ReceiveContinuouslyAsync(box, cancellationToken: stop.Token))
                Console.WriteLine($"{report.SenderName}: {report.Files.Count(f => f.Error is null)} files, {report.Error?.Message ?? "well"}");
        }
    }

    [Fact]
    public async Task Failures_by_code()
    {
        var Console = new StringWriter(_console);
        var options = new ReceiveOptions
        {
            Relays = [new Uri("ws://127.0.0.1:1")],
            ConnectionTimeout = TimeSpan.FromSeconds(1),
            Code = PairingCode.Generate(),
            Destination = _folder["in"],
        };

        try
        {
            TransferReport report = await P2PTransfer.ReceiveAsync(options);
            if (report.Error is { } early)
                Console.WriteLine($"{early.Code}: {early.Message}");
            foreach (FileReport file in report.Files.Where(f => f.Error is not null))
                Console.WriteLine($"{file.Name}: {file.Error}: {file.Message}");
        }
        catch (P2PException e) when (e.Code is P2PErrorCode.RelayConnectFailed or P2PErrorCode.PeerDidNotCome)
        {
            Console.WriteLine($"Try again later. {e.Message}");
        }

        Assert.StartsWith("Try again later.", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_snippets_of_the_packages_pages()
    {
        PairingCode code = PairingCode.Generate();
        var failed = await Assert.ThrowsAsync<P2PException>(async () =>
        {
            TransferReport report = await P2PTransfer.SendAsync(new SendOptions
            {
                Paths = ["results"],
                Relays = [new Uri("wss://relay.example")],
                Code = code,
            });
        });

        // There is no such folder here, so nothing is dialled.
        Assert.Equal(P2PErrorCode.FileReadError, failed.Code);
    }

    public void Dispose() => _folder.Dispose();
}
