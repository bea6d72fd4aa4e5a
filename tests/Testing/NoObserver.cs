using P2PCopy.Session.Pairing;

namespace P2PCopy.Tests.Testing;

/// <summary>Ignores what happens to a connection.</summary>
internal sealed class NoObserver : ISessionObserver
{
    public void Waiting()
    {
    }

    public void WrongCode(int attempts, TimeSpan backOff)
    {
    }

    public void Paired()
    {
    }

    public void Reconnecting(string reason)
    {
    }

    public void Reconnected()
    {
    }

    public void RoomsNeeded(IEnumerable<string> rooms)
    {
    }
}
