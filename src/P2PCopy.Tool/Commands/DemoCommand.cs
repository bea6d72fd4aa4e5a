using System.CommandLine;
using System.Globalization;
using P2PCopy.Tool.Demo;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Commands;

/// <summary>
/// <c>p2pcopy demo</c>: a relay, a sender and a receiver in one process, over real sockets on the loopback address. Then
/// the command hashes the files of both sides itself and compares the hashes.
/// </summary>
internal sealed class DemoCommand
{
    public const string Description = "Copy files on this machine through a relay of its own, and verify the copy";

    private const int MostHashesShown = 10;

    private readonly ToolHost _host;
    private readonly Argument<string[]> _path = new("path")
    {
        Description = "Files and folders to copy [default: a generated sample]",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _out = Define.Text("--out", "folder", "Where to write the copy and leave it [default: a temporary folder, removed at the end]");

    private DemoCommand(ToolHost host) => _host = host;

    public static Command Create(ToolHost host)
    {
        var demo = new DemoCommand(host);
        var command = new Command("demo", Description) { demo._path, demo._out };
        command.SetAction((result, cancellationToken) =>
        {
            var display = new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: true, LinesToError: false));
            return TransferRun.ExecuteAsync(display, token => demo.RunAsync(result, display, token), cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, HumanDisplay display, CancellationToken cancellationToken)
    {
        string[] paths = result.GetValue(_path) ?? [];
        string? kept = result.GetValue(_out);
        string? work = paths.Length == 0 || kept is null ? Directory.CreateTempSubdirectory("p2pcopy-demo-").FullName : null;
        try
        {
            if (paths.Length == 0)
                paths = [DemoSample.Create(Path.Combine(work!, "sample"), cancellationToken)];

            (TransferReport sent, TransferReport received) = await CopyAsync(
                paths, Path.GetFullPath(kept ?? Path.Combine(work!, "copy")), display, cancellationToken);
            DemoVerdict verdict = await DemoVerifier.CompareAsync(sent, received, cancellationToken);
            Print(received, verdict, kept is null ? "a temporary folder, removed now; --out FOLDER keeps the copy" : HumanText.Safe(Path.GetFullPath(kept)));
            if (sent.Error is { } error)
                throw error;
            return sent.Succeeded && received.Succeeded && verdict.Different.Count == 0 ? 0 : P2PErrorCode.IntegrityCheckFailed.ExitStatus();
        }
        finally
        {
            if (work is not null)
                Remove(work);
        }
    }

    private async Task<(TransferReport Sent, TransferReport Received)> CopyAsync(
        string[] paths, string destination, HumanDisplay display, CancellationToken cancellationToken)
    {
        PairingCode code = _host.Engine.NewCode();
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        Task<TransferReport> sending = _host.Engine.SendAsync(
            new SendOptions
            {
                Paths = paths,
                Code = code,
                EmbeddedRelay = _host.Engine.EmbeddedRelay(["127.0.0.1:0"]),
                Direct = DirectMode.Off, // it shows the way through a relay, and uses loopback addresses only
                Discovery = DiscoveryMode.Off,
                OnEvent = e =>
                {
                    if (e is TransferEvent.Listening l)
                    {
                        _host.Out.WriteLine("relay     " + l.Addresses[0].AbsoluteUri.TrimEnd('/'));
                        listening.TrySetResult(l.Addresses[0]);
                    }
                    else
                    {
                        display.OnEvent(e);
                    }
                },
            },
            progress: null, both.Token);

        // A sender that fails before it listens offers nothing.
        if (await Task.WhenAny(listening.Task, sending) == sending)
            await sending;

        Task<TransferReport> receiving = _host.Engine.ReceiveAsync(
            new ReceiveOptions { Relays = [await listening.Task], Code = code, Destination = destination, Direct = DirectMode.Off, Discovery = DiscoveryMode.Off }, new LiveLine(_host), both.Token);

        // If one side fails, the other stops waiting. The error of the first is reported.
        Task<TransferReport> first = await Task.WhenAny(sending, receiving);
        if (!first.IsCompletedSuccessfully)
        {
            await both.CancelAsync();
            await Task.WhenAny(Task.WhenAll(sending, receiving));
            await first;
        }

        return (await sending, await receiving);
    }

    private void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _host.Error.WriteLine($"Could not remove {folder}: {e.Message}");
        }
    }

    private void Print(TransferReport report, DemoVerdict verdict, string destination)
    {
        double seconds = Math.Max(report.Duration.TotalSeconds, 0.001);
        TextWriter text = _host.Out;
        text.WriteLine($"copied    {HumanText.Count(verdict.Files, "file")}, {HumanText.Count(verdict.Folders, "folder")}, {HumanText.Size(verdict.Bytes)}");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"took      {report.Duration.TotalSeconds:0.00} s, {HumanText.Rate(verdict.Bytes / seconds)}, encrypted end to end"));
        text.WriteLine("to        " + destination);
        foreach ((string name, string hash) in verdict.Same.Take(MostHashesShown))
            text.WriteLine($"{hash.ToLowerInvariant()}  {HumanText.Safe(name)}");
        if (verdict.Same.Count > MostHashesShown)
            text.WriteLine($"… and {verdict.Same.Count - MostHashesShown:N0} more");
        foreach (string name in verdict.Different)
            _host.Error.WriteLine($"DIFFERENT {HumanText.Safe(name)}");
        text.WriteLine(verdict.Different.Count == 0 && report.Succeeded
            ? $"verified  {HumanText.Count(verdict.Same.Count, "file")} hashed on both sides: SHA-256 identical"
            : $"FAILED    {HumanText.Count(verdict.Different.Count, "file")} differ");
    }
}
