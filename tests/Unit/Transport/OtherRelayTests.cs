using System.Net.WebSockets;
using System.Text;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>Relays of other versions (docs/versions.md): what a later one adds is passed over; another protocol is named as such.</summary>
public sealed class OtherRelayTests : IDisposable
{
    private readonly TransferPair _pair = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transfer_passes_through_a_later_relay_that_says_things_unknown_to_this_version()
    {
        _pair.Write("source/file", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100_000))));
        await using var relay = new ScriptedRelay();
        Task carrying = CarryAsync(relay);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [relay.Address] },
            _pair.Receive with { Connector = null, Relays = [relay.Address] });

        Assert.True(sender.Succeeded && receiver.Succeeded, $"{sender} {receiver}");
        Assert.Equal(TransferPair.Describe(_pair.Source), TransferPair.Describe(Path.Combine(_pair.Destination, "source")));
        await carrying;
    }

    [Fact]
    public async Task A_relay_that_speaks_another_protocol_is_named_with_what_to_do()
    {
        await using var relay = new ScriptedRelay();
        Task<Outcome> joining = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { Connector = null, Relays = [relay.Address] }, cancellationToken: Cancel));
        using ScriptedConnection connection = await relay.NextAsync();
        await connection.UpgradeToAsync("p2pcopy.v2");

        Outcome outcome = await joining;

        Assert.Equal(P2PErrorCode.RelayConnectFailed, outcome.Error);
        Assert.Equal(
            $"The relay ws://127.0.0.1:{relay.Port} does not speak the protocol of this version of P2PCopy.",
            outcome.Exception!.Message);
        Assert.Equal("Update the older of the two, or check that a relay listens at this address.", ((P2PException)outcome.Exception).Hint);
    }

    [Fact]
    public async Task A_client_of_another_protocol_is_refused_with_what_to_do()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(RawClient.JoinHead(TestRelay.Room, "send").Replace("Protocol: p2pcopy", "Protocol: p2pcopy.v2", StringComparison.Ordinal));

        string answer = await client.ReadAllAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("does not speak the subprotocol p2pcopy. Update the client or the relay, whichever is older.\n", answer, StringComparison.Ordinal);
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>Pairs the next two connections as a relay of another version might, and passes messages on until one of them ends.</summary>
    private static async Task CarryAsync(ScriptedRelay relay)
    {
        using ScriptedConnection first = await relay.NextAsync();
        using WebSocket one = await JoinAsync(first, "waiting");
        using ScriptedConnection second = await relay.NextAsync();
        using WebSocket other = await JoinAsync(second, "paired");
        await ScriptedConnection.HintAsync(one, "paired");
        await Task.WhenAll(PassAsync(one, other), PassAsync(other, one));
    }

    private static async Task<WebSocket> JoinAsync(ScriptedConnection connection, string hint)
    {
        WebSocket socket = await connection.UpgradeToAsync("p2pcopy", "P2PCopy-Version: 9.8.7\r\nP2PCopy-Later: unknown\r\n");
        await ScriptedConnection.HintAsync(socket, hint);
        return socket;
    }

    private static async Task PassAsync(WebSocket from, WebSocket to)
    {
        byte[] buffer = new byte[2 << 20];
        try
        {
            bool begins = true;
            while (await from.ReceiveAsync(buffer, Cancel) is { MessageType: WebSocketMessageType.Binary } part)
            {
                if (begins)
                    await ScriptedConnection.HintAsync(to, "of-a-later-version");
                await to.SendAsync(buffer.AsMemory(0, part.Count), WebSocketMessageType.Binary, part.EndOfMessage, Cancel);
                begins = part.EndOfMessage;
            }

            await to.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "gone", Cancel);
        }
        catch (WebSocketException)
        {
            // The other direction ended first.
        }
    }
}
