using System.Globalization;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>A relay whose clock the test moves.</summary>
public abstract class RelayLimitBase
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected ManualTimeProvider Clock { get; } = new();

    private protected Task<TestRelay> StartAsync(Func<RelayOptions, RelayOptions>? change = null) => TestRelay.StartAsync(change, Clock);

    private protected Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition) => TestRelay.Until(() =>
    {
        Clock.Advance(step);
        return condition();
    });

    private protected Task TimersAsync(int count) => TestRelay.Until(() => Clock.PendingTimers >= count);

    private protected static string RoomOf(int number) => number.ToString("D22", CultureInfo.InvariantCulture);

    private protected static RoomJoin Join(int room) => new(RoomOf(room), PeerRole.Send, TestRelay.Member(1));

    private protected static async Task<RawClient> WaitAsync(TestRelay relay, int room)
    {
        RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(room), "send");
        await client.ExpectHintAsync("waiting");
        await relay.SettledAsync();
        return client;
    }

    private protected static async Task<string> RefusedAsync(TestRelay relay, string room, string role = "send", string headers = "")
    {
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(RawClient.JoinHead(room, role, headers: headers));
        string answer = await client.ReadAllAsync();
        Assert.Contains("P2PCopy-Refused: ", answer);
        return answer;
    }
}
