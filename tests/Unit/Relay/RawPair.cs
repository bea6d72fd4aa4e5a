namespace P2PCopy.Tests.Unit.Relay;

/// <summary>Two raw clients that are a pair.</summary>
internal sealed record RawPair(RawClient Sender, RawClient Receiver) : IDisposable
{
    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
