using System.Diagnostics;
using System.Globalization;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Deployment;

/// <summary>People who copy small files through a relay, one after another, until the load is disposed of.</summary>
internal sealed class CopyLoad : IAsyncDisposable
{
    private const int FileBytes = 20_000;

    private readonly TransferPair _pair = new();
    private readonly Func<SendOptions, SendOptions> _sender;
    private readonly Func<ReceiveOptions, ReceiveOptions> _receiver;
    private readonly string _file;
    private readonly Task[] _people;
    private readonly Lock _lock = new();
    private volatile bool _isOver;
    private int _number;
    private int _copies;
    private TimeSpan _longest;

    /// <summary>Begins.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="caFile">The authority of its certificate; null accepts any.</param>
    /// <param name="token">A token; null sends none.</param>
    /// <param name="people">How many copy at the same time.</param>
    public CopyLoad(Uri relay, string? caFile, string? token = null, int people = 2)
    {
        _sender = o => o with { Relays = [relay], CaFile = caFile, SkipCertificateCheck = caFile is null, Token = token, Connections = 1 };
        _receiver = o => o with { Relays = [relay], CaFile = caFile, SkipCertificateCheck = caFile is null, Token = token };
        byte[] content = new byte[FileBytes];
        new Random(1).NextBytes(content);
        _file = _pair.Write("source/file", content);
        _people = [.. Enumerable.Range(0, people).Select(_ => Task.Run(CopyOnAsync))];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The longest copy since the last call, from the start of the first side to the end of the second.</summary>
    public TimeSpan TakeLongest()
    {
        lock (_lock)
        {
            TimeSpan longest = _longest;
            _longest = TimeSpan.Zero;
            return longest;
        }
    }

    /// <summary>Waits for so many more copies; a copy that failed fails the test.</summary>
    public async Task MoreAsync(int copies)
    {
        int wanted = Volatile.Read(ref _copies) + copies;
        while (Volatile.Read(ref _copies) < wanted)
        {
            await Task.WhenAny([Task.Delay(20, Cancel), .. _people]);
            if (_people.FirstOrDefault(p => p.IsFaulted) is { } failed)
                await failed;
        }
    }

    /// <summary>A sender that waits for <see cref="ReceiveAsync"/> with the same number.</summary>
    public Task<Outcome> SendAsync(int number)
        => Outcome.OfAsync(P2PTransfer.SendAsync(_sender(new SendOptions { Paths = [_file], Code = CodeOf(number) }), cancellationToken: Cancel));

    public Task<Outcome> ReceiveAsync(int number)
        => Outcome.OfAsync(P2PTransfer.ReceiveAsync(_receiver(new ReceiveOptions { Destination = _pair.Folder[$"destination/{number}"], Code = CodeOf(number) }), cancellationToken: Cancel));

    /// <summary>A number that no other copy has.</summary>
    public int NextNumber() => Interlocked.Increment(ref _number);

    /// <summary>Ends the load; every copy must have succeeded.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await Task.WhenAll(_people);
        _pair.Dispose();
    }

    private static PairingCode CodeOf(int number) => PairingCode.Parse(string.Create(CultureInfo.InvariantCulture, $"night{number:D5}-correct-horse-battery"));

    private async Task CopyOnAsync()
    {
        while (!_isOver)
        {
            int number = NextNumber();
            long start = Stopwatch.GetTimestamp();
            Outcome[] ends = await Task.WhenAll(SendAsync(number), ReceiveAsync(number));
            Assert.All(ends, e => Assert.True(e.Succeeded, $"{e.Error}: {e.Exception?.Message ?? e.Report?.Error?.Message}"));
            lock (_lock)
                _longest = TimeSpan.FromTicks(Math.Max(_longest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            Interlocked.Increment(ref _copies);
        }
    }
}
