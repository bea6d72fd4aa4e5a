namespace P2PCopy.Primitives;

/// <summary>Tasks that run until their owner ends. A running task may add further ones.</summary>
internal sealed class TaskGroup
{
    private readonly List<Task> _tasks = [];

    /// <summary>Guards the tasks, and what the owner changes together with them.</summary>
    public Lock Gate { get; } = new();

    public void Add(Task task)
    {
        lock (Gate)
            _tasks.Add(task);
    }

    /// <summary>Completes when every task has ended, also those that were added meanwhile. Their errors are not thrown.</summary>
    public async Task WaitAsync()
    {
        int ended = 0;
        while (true)
        {
            Task[] tasks;
            lock (Gate)
                tasks = [.. _tasks];
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended == tasks.Length)
                return;
            ended = tasks.Length;
        }
    }
}
