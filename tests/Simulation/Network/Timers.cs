using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>Timers of the world itself: they fire although a program has died.</summary>
internal static class Timers
{
    public static ITimer Start(Universe universe, TimeSpan time, Action action)
    {
        ITimer? timer = null;
        SimProcess.Outside(() => timer = universe.Clock.CreateTimer(_ => action(), null, time, Timeout.InfiniteTimeSpan));
        return timer!;
    }
}
