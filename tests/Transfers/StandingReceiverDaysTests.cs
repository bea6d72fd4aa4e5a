using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Transfers;

/// <summary>Three days of a drop box and of a relay that is away for an hour, again and again; the clock is ours.</summary>
public sealed class StandingReceiverDaysTests : IDisposable
{
    private const string Code = "days01-acorn-bamboo-cactus-dolphin";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly SemaphoreSlim _paired = new(0);
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task It_is_there_again_after_every_restart_of_the_relay()
    {
        string file = _folder.File("file");
        RelayServer relay = await StartAsync("127.0.0.1:0");
        Uri address = relay.Addresses[0];
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<TransferReport> box = P2PTransfer.ReceiveContinuouslyAsync(
            new ReceiveOptions
            {
                Destination = _folder["box"],
                Relays = [address],
                Code = PairingCode.Parse(Code),
                TimeProvider = _clock,
                OnEvent = e =>
                {
                    if (e is TransferEvent.Paired)
                        _paired.Release();
                    else if (e is TransferEvent.Waiting)
                        _waiting.TrySetResult();
                },
            },
            cancellationToken: stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        DateTimeOffset begin = _clock.GetUtcNow();
        int arrived = 0;
        while (_clock.GetUtcNow() - begin < TimeSpan.FromDays(3))
        {
            // A transfer, hours without a sender, and an hour without a relay, which begins during a wait in every second turn.
            ValueTask<bool> report = box.MoveNextAsync();
            await _waiting.Task; // the first time: a relay that it never reached would end it
            if (arrived % 2 == 0)
                await PassAsync(TimeSpan.FromHours(5));
            await relay.DisposeAsync();
            await PassAsync(TimeSpan.FromHours(1));
            relay = await StartAsync($"127.0.0.1:{address.Port}");
            Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(new SendOptions { Paths = [file], Code = PairingCode.Parse(Code), Relays = [address] }));
            while (!await _paired.WaitAsync(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken))
                _clock.Advance(TimeSpan.FromSeconds(1));

            Assert.True(await report.AsTask().WaitAsync(TestContext.Current.CancellationToken));
            Assert.True(box.Current.Succeeded, box.Current.Error?.ToString());
            Assert.True((await sender).Succeeded);
            arrived++;
        }

        Assert.True(arrived >= 18, $"{arrived} arrived.");
        Assert.Equal(arrived, Directory.GetFiles(_folder["box"]).Length);
        await stop.CancelAsync();
        await relay.DisposeAsync();
    }

    public void Dispose()
    {
        _paired.Dispose();
        _folder.Dispose();
    }

    private static Task<RelayServer> StartAsync(string listen)
        => RelayServer.StartAsync(new RelayOptions { Listen = [listen], DrainTimeout = TimeSpan.FromSeconds(0), MaxJoinsPerMinutePerRoom = 0 }, TestContext.Current.CancellationToken);

    /// <summary>In steps, each with a moment for what falls due in it.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        var step = TimeSpan.FromMinutes(5);
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += step)
        {
            _clock.Advance(step);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
