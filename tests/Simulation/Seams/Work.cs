using P2PCopy.Simulation.World;

namespace P2PCopy.Primitives;

/// <summary>Work begins when the simulated machine gets to it: at once, or after a random time.</summary>
internal static class Work
{
    public static Task Run(Action action, CancellationToken cancellationToken = default) => Run<bool>(
        () =>
        {
            action();
            return Task.FromResult(true);
        },
        cancellationToken);

    public static Task Run(Func<Task> action, CancellationToken cancellationToken = default) => Run(
        async () =>
        {
            await action().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public static Task<T> Run<T>(Func<T> function, CancellationToken cancellationToken = default)
        => Run(() => Task.FromResult(function()), cancellationToken);

    public static async Task<T> Run<T>(Func<Task<T>> function, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        await Universe.Current.PauseAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return await function().ConfigureAwait(false);
    }

    public static Task RunWaiting(Action action, CancellationToken cancellationToken) => Run(action, cancellationToken);

    public static void ForEach(int count, Action<int> action)
    {
        List<Exception>? failures = null;
        foreach (int number in Universe.Current.Chance.Shuffled(count))
        {
            try
            {
                action(number);
            }
            catch (Exception e)
            {
                (failures ??= []).Add(e);
            }
        }

        if (failures is not null)
            throw new AggregateException(failures);
    }
}
