using System.Globalization;
using System.Text.Json;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// So many senders, one after another, at one standing receiver: every tenth has a wrong code, every tenth is killed in
/// the middle. The receiver is watched for what must not grow.
/// </summary>
internal sealed class DropBoxRun(int transfers) : IAsyncDisposable
{
    private const string Code = "dropb1-acorn-bamboo-cactus-dolphin";
    private const string WrongCode = "dropb1-acorn-bamboo-cactus-eagle";
    private const int PairingFailed = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly List<ToolProcess> _all = [];
    private readonly byte[] _content = new byte[3 << 20];
    private ToolProcess _box = null!;
    private ToolProcess _relayProcess = null!;
    private Uri _relay = null!;

    /// <summary>Transfers that were to arrive.</summary>
    public int Good { get; private set; }

    public int Wrong { get; private set; }

    public int Killed { get; private set; }

    /// <summary>Sizes of the receiver, after a tenth of the transfers and at the end.</summary>
    public List<ProcessSize> Box { get; } = [];

    /// <summary>The same of the relay.</summary>
    public List<ProcessSize> Relay { get; } = [];

    public string Said => _box.Said;

    public async Task RunAsync()
    {
        new Random(7).NextBytes(_content);
        (ToolProcess relay, _relay) = await ToolProcess.StartRelayAsync(0, "--quiet");
        _relayProcess = relay;
        _all.Add(relay);
        _box = ToolProcess.Start(Code, "receive", _folder["box"], "--relay", _relay.AbsoluteUri, "--continuous", "--folder-per-sender", "--json", "--quiet", "--drain-timeout", "20");
        _all.Add(_box);
        await _box.WaitForEventAsync("waiting");
        for (int i = 0; i < transfers; i++)
        {
            switch (i % 10)
            {
                case 3:
                    await SendWithWrongCodeAsync();
                    break;
                case 6:
                    await SendAndKillAsync();
                    break;
                default:
                    await SendAsync();
                    break;
            }

            if (i == transfers / 10 || i == transfers - 1)
                Measure();
        }

        // The relay closes the connections of ended sides a little later.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Relay[^1].Handles > Relay[0].Handles + 4 && !patience.IsCancellationRequested)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Relay[^1] = ProcessSize.Of(_relayProcess.Id);
        }

        _box.Terminate();
        Assert.True(await _box.WaitAsync() == 0, _box.Said);
    }

    /// <summary>Everything that was to arrive is there, in the sender's folder, whole, and nothing else is.</summary>
    public void AssertArrived()
    {
        string[] files = Directory.GetFiles(_folder["box"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        Assert.Equal(Good, files.Length);
        Assert.All(files, file =>
        {
            Assert.Equal("sender-" + Path.GetFileName(file), Path.GetFileName(Path.GetDirectoryName(file)));
            Assert.Equal(_content, File.ReadAllBytes(file));
        });
    }

    /// <summary>The log says of every sender how it ended.</summary>
    public void AssertLog()
    {
        JsonElement[] events = [.. _box.Events];
        Assert.Equal(Good, Count("summary", e => e.GetProperty("succeeded").GetBoolean()));
        Assert.Equal(Killed, Count("error", e => e.GetProperty("code").GetString() == "ConnectionLost"));
        Assert.Equal(Killed, Count("summary", e => e.GetProperty("unconfirmed").GetInt32() == 1 && e.GetProperty("sender").GetString() == "sender-killed"));
        Assert.Equal(Wrong, Count("wrong-code", _ => true));
        Assert.Equal(Good, events.Where(IsFile).Where(e => e.GetProperty("status").GetString() == "copied").Select(e => e.GetProperty("fullName").GetString()).Distinct().Count());
        Assert.Equal("stopped", events[^1].GetProperty("event").GetString());

        int Count(string name, Func<JsonElement, bool> isIt) => events.Count(e => e.GetProperty("event").GetString() == name && isIt(e));
        static bool IsFile(JsonElement e) => e.GetProperty("event").GetString() == "file";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ToolProcess process in _all)
            await process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task SendAsync()
    {
        string name = Good.ToString(CultureInfo.InvariantCulture);
        Good++;
        await using ToolProcess sender = Start(Code, name);
        Assert.True(await sender.WaitAsync() == 0, sender.Said + _box.Said);
    }

    private async Task SendWithWrongCodeAsync()
    {
        Wrong++;
        await using ToolProcess sender = Start(WrongCode, "wrong");
        Assert.True(await sender.WaitAsync() == PairingFailed, sender.Said);
    }

    private async Task SendAndKillAsync()
    {
        Killed++;
        await using ToolProcess sender = Start(Code, "killed", "--bandwidth-limit", "1MiB");
        while (!HasPartial())
        {
            Assert.False(sender.HasExited, sender.Said);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await sender.KillAsync();
    }

    private ToolProcess Start(string code, string name, params string[] more)
    {
        string file = _folder[name];
        if (!File.Exists(file))
            File.WriteAllBytes(file, _content);
        return ToolProcess.Start(code, ["send", file, "--relay", _relay.AbsoluteUri, "--sender-name", "sender-" + name, "--quiet", .. more]);
    }

    private bool HasPartial()
        => Directory.Exists(_folder["box"])
            && Directory.EnumerateFiles(_folder["box"], "*.p2ppart", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Any();

    private void Measure()
    {
        Box.Add(ProcessSize.Of(_box.Id));
        Relay.Add(ProcessSize.Of(_relayProcess.Id));
    }
}

/// <summary>What a process holds.</summary>
/// <param name="Handles">Open files and sockets, without the libraries that the runtime holds open.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Resident">Resident bytes.</param>
internal sealed record ProcessSize(int Handles, int Threads, long Resident)
{
    /// <summary>Reads the size of a process.</summary>
    public static ProcessSize Of(int process)
    {
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        int handles = Directory.GetFiles($"/proc/{process}/fd").Count(f => new FileInfo(f).LinkTarget is { } target && !target.EndsWith(".dll", StringComparison.Ordinal));
        return new ProcessSize(handles, (int)Number("Threads:"), Number("VmRSS:") << 10);

        long Number(string name) => long.Parse(
            status.Single(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
