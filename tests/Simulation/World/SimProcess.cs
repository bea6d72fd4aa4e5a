namespace P2PCopy.Simulation.World;

/// <summary>A program on a simulated machine. A dead one does nothing any more: its timers, work, files and connections stand still.</summary>
internal sealed class SimProcess(string name)
{
    private static readonly AsyncLocal<SimProcess?> Running = new();

    private readonly List<Action> _atDeath = [];

    /// <summary>The program that runs now; null for the simulation itself.</summary>
    public static SimProcess? Current => Running.Value;

    public string Name => name;

    public bool IsDead { get; private set; }

    /// <summary>How much slower than usual its work begins.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>So many of a hundred records of this program are changed on purpose.</summary>
    public double HostilePercent { get; init; }

    /// <summary>Adds what else happens when it dies.</summary>
    public void AtDeath(Action action) => _atDeath.Add(action);

    public void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        foreach (Action action in _atDeath)
            action();
    }

    /// <summary>Runs something as this program.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> action)
    {
        await Task.Yield(); // an AsyncLocal of the caller stays as it is
        Running.Value = this;
        return await action().ConfigureAwait(false);
    }

    /// <summary>Does something as the world and not as the current program.</summary>
    public static void Outside(Action action)
    {
        SimProcess? inside = Running.Value;
        Running.Value = null;
        action();
        Running.Value = inside;
    }

    /// <summary>Never completes if the current program is dead.</summary>
    public static Task LiveAsync() => Current is { IsDead: true } ? new TaskCompletionSource().Task : Task.CompletedTask;
}

/// <summary>Ends what a dead program is doing.</summary>
internal sealed class DeadException() : Exception("The program is dead.");
