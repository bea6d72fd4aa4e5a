using System.Diagnostics;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// One seeded run in which processes are killed at random moments and started again with the same code, while a watcher
/// reads the destination. The receiver's bytes are counted on their way, since a killed process reports nothing.
/// </summary>
internal sealed class KillRun : IAsyncDisposable
{
    private const int LargeBytes = 24 << 20;
    private const long WindowBytes = 24 << 20;
    private const long BlockBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Random _random;
    private readonly string _code;
    private readonly TemporaryFolder _folder = new();
    private readonly List<ToolProcess> _all = [];
    private readonly DestinationWatcher _watcher;
    private readonly List<string> _story = [];
    private ToolProcess _relay = null!;
    private Uri _address = null!;
    private FaultProxy _proxy = null!;
    private ToolProcess _sender = null!;
    private ToolProcess _receiver = null!;
    private int _kills;
    private bool _relayWasDown;

    public KillRun(int seed)
    {
        _random = new Random(seed);
        _code = $"kill{seed:x4}-correct-horse-battery";
        MakeTrees();
        _watcher = new DestinationWatcher(_folder["arrived/source"], _folder["source"]);
    }

    /// <summary>What was done and said, for the message of a run that failed.</summary>
    public string Story => string.Join('\n', _story) + "\n" + string.Join("\n---\n", _all.Select(p => p.Said));

    /// <summary>What was done.</summary>
    public string Deeds => string.Join("; ", _story);

    public int Kills => _kills;

    private long Travelled => _proxy.Connections.Sum(c => c.BytesToClient);

    /// <summary>Content bytes that went to the receiver beyond those of the files.</summary>
    public long Excess { get; private set; }

    public async Task RunAsync()
    {
        (_relay, _address) = await ToolProcess.StartRelayAsync(0, "--quiet");
        _all.Add(_relay);
        _proxy = new FaultProxy(_address);
        StartSender();
        StartReceiver();
        int count = _random.Next(1, 4);
        for (int i = 0; i < count; i++)
        {
            await WaitForMomentAsync();
            if (!await KillOneAsync())
                break;
        }

        await FinishAsync();
        _watcher.Stop();
        Assert.True(_watcher.Violation is null, _watcher.Violation + "\n" + Story);
        Assert.Equal(TransferPair.Describe(_folder["source"]), TransferPair.Describe(_folder["arrived/source"]));
        Excess = Travelled - ContentBytes(_folder["source"]);
        Assert.True(Excess <= ((WindowBytes + BlockBytes) * _kills) + (2 << 20), $"{Excess} bytes too many came for {_kills} kills.\n{Story}");
    }

    public async ValueTask DisposeAsync()
    {
        _watcher.Stop();
        foreach (ToolProcess process in _all)
            await process.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>By the clock, which also hits the beginning and the end, or, twice as often, by the bytes that were sent.</summary>
    private async Task WaitForMomentAsync()
    {
        int milliseconds = _random.Next(0, 1500);
        long target = _random.Next(3) == 0 ? 0 : _random.Next(LargeBytes);
        await Task.Delay(target == 0 ? milliseconds : 0);
        var patience = Stopwatch.StartNew();
        while (Travelled < target && !_sender.HasExited && !_receiver.HasExited && patience.Elapsed < TimeSpan.FromSeconds(10))
            await Task.Delay(5);
    }

    /// <returns>False when the transfer is over.</returns>
    private async Task<bool> KillOneAsync()
    {
        if (_sender.HasExited || _receiver.HasExited)
            return false;
        switch (_random.Next(4))
        {
            case 0:
                await KillAsync(_sender);
                StartSender();
                break;
            case 1:
                await KillAsync(_receiver);
                StartReceiver();
                break;
            case 2:
                await KillAsync(_sender);
                await KillAsync(_receiver);
                StartReceiver();
                StartSender();
                break;
            case 3:
                _relayWasDown = true;
                await KillAsync(_relay);
                (_relay, _) = await ToolProcess.StartRelayAsync(_address.Port, "--quiet");
                _all.Add(_relay);
                break;
        }

        return true;
    }

    private async Task FinishAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            // One that began while there was no relay has said so and ended, as it should: it is started again.
            if (await EndedWithoutRelayAsync(_sender))
                StartSender();
            if (await EndedWithoutRelayAsync(_receiver))
                StartReceiver();
            if (_sender.HasExited && _receiver.HasExited)
                break;

            // If a side is killed after the last byte was confirmed, the other side has ended already, and its result counts.
            foreach ((ToolProcess ended, ToolProcess alone) in new[] { (_sender, _receiver), (_receiver, _sender) })
            {
                if (!ended.HasExited || await ended.WaitAsync() != 0 || await EndsAsync(alone))
                    continue;
                Note("one side had everything confirmed and had left");
                await alone.KillAsync();
                return;
            }

            Assert.True(patience.Elapsed < Patience, "It did not end.\n" + Story);
            await Task.Delay(20);
        }

        Assert.True(await _sender.WaitAsync() == 0 && await _receiver.WaitAsync() == 0, Story);
    }

    private async Task<bool> EndedWithoutRelayAsync(ToolProcess process)
    {
        const int RelayUnreachable = 5;
        if (!_relayWasDown || !process.HasExited || await process.WaitAsync() != RelayUnreachable)
            return false;
        Note("one found no relay and begins again");
        return true;
    }

    /// <summary>Longer than a receiver waits for the goodbye, or than a side without a peer needs to find one.</summary>
    private static async Task<bool> EndsAsync(ToolProcess process)
    {
        var patience = Stopwatch.StartNew();
        while (!process.HasExited && patience.Elapsed < TimeSpan.FromSeconds(process.HasSaid("paired") ? 35 : 4))
            await Task.Delay(20);
        return process.HasExited;
    }

    private async Task KillAsync(ToolProcess process)
    {
        Note($"after {Travelled:N0} bytes killing {(process == _sender ? "the sender" : process == _receiver ? "the receiver" : "the relay")}");
        _kills++;
        await process.KillAsync();
    }

    private void Note(string what) => _story.Add($"{DateTime.UtcNow:mm:ss.fff} {what}");

    private void StartSender()
        => _all.Add(_sender = ToolProcess.Start(_code, "send", _folder["source"], "--relay", _address.AbsoluteUri, "--json", "--bandwidth-limit", "24MiB"));

    private void StartReceiver()
        => _all.Add(_receiver = ToolProcess.Start(_code, "receive", _folder["arrived"], "--relay", _proxy.Address.AbsoluteUri, "--json"));

    private void MakeTrees()
    {
        // A file that is new, one that replaces another, one that changed a little, and small ones.
        Write("source/new.bin", LargeBytes, 1);
        byte[] old = Write("arrived/source/replaced.bin", 2 << 20, 2);
        Write("source/replaced.bin", 3 << 20, 3);
        byte[] changed = [.. old];
        changed.AsSpan(100_000, 5000).Clear();
        Directory.CreateDirectory(_folder["source"]);
        File.WriteAllBytes(_folder["arrived/source/changed.bin"], old);
        File.WriteAllBytes(_folder["source/changed.bin"], changed);
        for (int i = 0; i < 40; i++)
            Write($"source/small/{i}.dat", i * 701, 100 + i);
        for (int i = 0; i < 40; i += 3)
            Write($"arrived/source/small/{i}.dat", i * 300, 200 + i);

        // Clocks of file systems are coarse: what differs must not have the same time and size by chance.
        foreach (string path in Directory.EnumerateFiles(_folder["arrived"], "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
    }

    private byte[] Write(string name, int length, int salt)
    {
        byte[] content = new byte[length];
        new Random(_random.Next() ^ salt).NextBytes(content);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], content);
        return content;
    }

    private static long ContentBytes(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
}
