using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>Tests of the chunks of one side: a session without a link, and a folder.</summary>
public abstract class ChunkTests : IAsyncDisposable
{
    private protected const int ChunkSize = 1024;

    private protected ChunkTests(PeerRole role) => Session = TestSessions.Alone(role);

    private protected TemporaryFolder Folder { get; } = new();

    private protected PeerSession Session { get; }

    private protected TransferMeter Meter { get; } = new(null, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        End();
        await Session.DisposeAsync();
        await Meter.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Disposes what a test has beside the session.</summary>
    private protected virtual void End()
    {
    }

    /// <summary>The content of the file with this index.</summary>
    private protected static byte[] Content(int index, int length)
    {
        byte[] content = new byte[length];
        new Random(index).NextBytes(content);
        return content;
    }
}
