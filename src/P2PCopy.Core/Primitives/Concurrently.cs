namespace P2PCopy.Primitives;

/// <summary>Runs tasks that need each other: when one fails, the others are stopped and the first failure is what is thrown.</summary>
internal static class Concurrently
{
    /// <param name="stop">Cancelled at the first failure; the tasks watch its token.</param>
    /// <param name="tasks">Already running.</param>
    public static async Task RunAsync(CancellationTokenSource stop, params Task[] tasks)
    {
        Task? failed = null;
        await foreach (Task task in Task.WhenEach(tasks).ConfigureAwait(false))
        {
            if (task.IsCompletedSuccessfully || failed is not null)
                continue;
            failed = task;
            await stop.CancelAsync().ConfigureAwait(false);
        }

        if (failed is not null)
            await failed.ConfigureAwait(false);
    }
}
