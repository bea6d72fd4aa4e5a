using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>A relay on 127.0.0.1 and the other side of a cmdlet, which is the library of these tests and no part of the module.</summary>
internal sealed class CmdletPeer : IAsyncDisposable
{
    private readonly RelayServer _relay;

    private CmdletPeer(RelayServer relay) => _relay = relay;

    public TemporaryFolder Folder { get; } = new();

    public Uri Relay => _relay.Addresses[0];

    public PairingCode Code { get; } = PairingCode.Generate(PairingCode.StandingWordCount);

    public string Destination => Folder["destination"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<CmdletPeer> StartAsync()
        => new(await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"], DrainTimeout = TimeSpan.Zero }, Cancel));

    /// <summary>A session whose variables <c>$with</c>, <c>$folder</c> and <c>$destination</c> meet this peer.</summary>
    public PowerShellSession Session()
        => new()
        {
            ["with"] = new System.Collections.Hashtable { ["Relay"] = Relay, ["Code"] = Code.Reveal() },
            ["folder"] = Folder.FullPath,
            ["destination"] = Destination,
        };

    public Task<TransferReport> ReceiveAsync(Func<ReceiveOptions, ReceiveOptions>? change = null)
    {
        var options = new ReceiveOptions { Relays = [Relay], Code = Code, Destination = Destination };
        return Task.Run(() => P2PTransfer.ReceiveAsync(change?.Invoke(options) ?? options, cancellationToken: Cancel));
    }

    public Task<TransferReport> SendAsync(Func<SendOptions, SendOptions> change)
        => Task.Run(() => P2PTransfer.SendAsync(change(new SendOptions { Relays = [Relay], Code = Code }), cancellationToken: Cancel));

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        Folder.Dispose();
    }
}
