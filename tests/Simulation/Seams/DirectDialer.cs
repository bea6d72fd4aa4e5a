using System.Net.Sockets;
using P2PCopy.Simulation.Network;
using P2PCopy.Simulation.World;

namespace P2PCopy.Session.Direct;

/// <summary>The local port of one attempt, on a simulated machine.</summary>
internal sealed class DirectPort : IDisposable
{
    private readonly SimSocket _listener;

    private DirectPort(SimSocket listener, bool listens)
    {
        _listener = listener;
        IsListening = listens;
    }

    public int Port => _listener.Local.Port;

    public bool IsListening { get; }

    public IReadOnlyList<SimSocket> Listeners => IsListening ? [_listener] : [];

    public static DirectPort Open(int port, bool listens)
    {
        Universe universe = Universe.Current;
        if (universe.Chance.Percent(universe.Direct.TakenPercent))
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        return new DirectPort(new SimSocket(universe, SimProcess.Current!, port == 0 ? universe.Direct.TakePort() : port), listens);
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>Dials on the simulated network: again after a refusal, and until the other side dials back where no one answers.</summary>
internal static class DirectDialer
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Repeated = TimeSpan.FromSeconds(1); // as the system repeats a first packet

    public static async Task<SimSocket?> DialAsync(DirectPort port, DialTarget target, int timeToLive, TimeProvider time, CancellationToken cancellationToken)
    {
        DirectNetwork network = Universe.Current.Direct;
        SimProcess self = SimProcess.Current!;
        Task<SimSocket>? met = null;
        try
        {
            while (true)
            {
                await SimProcess.LiveAsync().ConfigureAwait(false);
                await Task.Delay(network.Line.Delay(Universe.Current.Chance, 60), time, cancellationToken).ConfigureAwait(false);
                (DialState state, SimSocket? socket) = network.Dial(self, port.Port, target.EndPoint);
                if (state is DialState.Connected or DialState.Exists)
                    return socket;
                if (state == DialState.Refused && target.Way == DialWay.Stepped)
                    return null;
                met ??= network.MetAsync(self, port.Port, target.EndPoint);
                await Task.WhenAny(met, Task.Delay(state == DialState.Refused ? Again : Repeated, time, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (met.IsCompleted)
                {
                    SimSocket taken = await met.ConfigureAwait(false);
                    met = null;
                    return taken;
                }
            }
        }
        finally
        {
            if (met is not null)
                network.StopDialling(met);
        }
    }
}
