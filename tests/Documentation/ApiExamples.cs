namespace P2PCopy.Tests.Documentation;

/// <summary>The snippets of the packages' pages, compiled and run. DocumentTests looks for them here, line by line.</summary>
public sealed class ApiExamples
{
    [Fact]
    public async Task A_sender()
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

    [Fact]
    public async Task A_relay()
    {
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions
        {
            Listen = ["127.0.0.1:0"],
        });
        Uri address = relay.Addresses[0];

        Assert.Equal("127.0.0.1", address.Host);
    }
}
