using System.Diagnostics.CodeAnalysis;
using P2PCopy.Simulation.Disk;
using P2PCopy.Simulation.Network;

namespace P2PCopy.Simulation.World;

/// <summary>
/// Everything of one run. All of it runs on the one thread of the thread pool, in a fixed order: the pool of this process has one
/// thread, and nothing here uses real time, other threads or the machine's files. The clock moves when the pool has nothing to do.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Run disposes the event.")]
internal sealed class Universe : IThreadPoolWorkItem
{
    /// <summary>Nothing is simulated beyond this time.</summary>
    private static readonly TimeSpan End = TimeSpan.FromHours(12);

    private const long MostSteps = 2_000_000;

    private static Universe? Running;

    private readonly ManualResetEvent _ended = new(initialState: false);
    private Task _main = Task.CompletedTask;
    private long _steps;

    private Universe(ulong seed)
    {
        Seed = seed;
        Chance = new Chance(seed);
        Clock = new VirtualClock(Chance);
        Trace = new Trace(Clock);
        Disk = new MemoryDisk(this);
        Files = new MemoryFileSystem(Disk);
        Direct = new DirectNetwork(this);
    }

    /// <summary>The run that is going on.</summary>
    public static Universe Current => Running ?? throw new InvalidOperationException("Nothing is simulated.");

    public ulong Seed { get; }

    public Chance Chance { get; }

    public VirtualClock Clock { get; }

    public Trace Trace { get; }

    public MemoryDisk Disk { get; }

    public MemoryFileSystem Files { get; }

    /// <summary>The network past the relay.</summary>
    public DirectNetwork Direct { get; }

    /// <summary>Why the run did not come to its end; null if it did.</summary>
    public string? Stuck { get; private set; }

    /// <summary>Runs something in a new universe, to its end.</summary>
    public static Universe Run(ulong seed, bool isVerbose, Func<Universe, Task> main)
    {
        var universe = new Universe(seed) { Trace = { IsVerbose = isVerbose } };
        Running = universe;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                universe._main = main(universe);
                ThreadPool.UnsafeQueueUserWorkItem(universe, preferLocal: false);
            },
            null);
        universe._ended.WaitOne();
        universe._ended.Dispose();
        Running = null;
        if (universe._main.IsFaulted)
            throw new InvalidOperationException($"The simulation of seed {seed} failed.", universe._main.Exception.InnerException);
        return universe;
    }

    /// <summary>The machine is busy with other things for a random time, often for none.</summary>
    public async Task PauseAsync()
    {
        await SimProcess.LiveAsync().ConfigureAwait(false);
        if (Chance.Percent(60))
            return;
        TimeSpan pause = Chance.Time(0.00001, 0.005) * (SimProcess.Current?.Slowness ?? 1);
        await Task.Delay(pause, Clock).ConfigureAwait(false);
    }

    // The turn of the clock: when nothing else is to be done.
    void IThreadPoolWorkItem.Execute()
    {
        if (ThreadPool.PendingWorkItemCount == 0)
        {
            if (_main.IsCompleted)
            {
                _ended.Set();
                return;
            }

            if (++_steps > MostSteps || Clock.Now > End)
                Stuck = $"it did not end within {Clock.Now} and {_steps:N0} steps";
            else if (!Clock.Advance())
                Stuck = "nothing runs and nothing will";
            if (Stuck is not null)
            {
                _ended.Set();
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
