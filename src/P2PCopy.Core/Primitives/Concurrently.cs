namespace P2PCopy.Primitives;

/// <summary>Runs tasks that depend on each other. If one fails, the others are stopped, and the first failure is thrown.</summary>
internal static class Concurrently
{
    /// <param name="stop">Is cancelled at the first failure; the tasks use its token.</param>
    /// <param name="tasks">The running tasks.</param>
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
