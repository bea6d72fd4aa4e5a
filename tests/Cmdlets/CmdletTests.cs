namespace P2PCopy.Tests.Cmdlets;

/// <summary>Tests with a session of PowerShell and, for its cmdlets, the other side of a transfer. Each test has its own.</summary>
public abstract class CmdletTests : IAsyncLifetime
{
    private protected CmdletPeer Peer { get; private set; } = null!;

    private protected PowerShellSession Session { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Peer = await CmdletPeer.StartAsync();
        Session = Peer.Session();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Session.Dispose();
        await Peer.DisposeAsync();
    }
}
