namespace P2PCopy.Primitives;

/// <summary>Starts work beside the caller. The engine starts none elsewhere, so that a simulation decides when work begins.</summary>
internal static class Work
{
    /// <inheritdoc cref="Task.Run(Action, CancellationToken)"/>
    public static Task Run(Action action, CancellationToken cancellationToken = default) => Task.Run(action, cancellationToken);

    /// <inheritdoc cref="Task.Run(Func{Task}, CancellationToken)"/>
    public static Task Run(Func<Task> action, CancellationToken cancellationToken = default) => Task.Run(action, cancellationToken);

    /// <inheritdoc cref="Task.Run{TResult}(Func{TResult}, CancellationToken)"/>
    public static Task<T> Run<T>(Func<T> function, CancellationToken cancellationToken = default) => Task.Run(function, cancellationToken);

    /// <inheritdoc cref="Task.Run{TResult}(Func{Task{TResult}}, CancellationToken)"/>
    public static Task<T> Run<T>(Func<Task<T>> function, CancellationToken cancellationToken = default) => Task.Run(function, cancellationToken);

    /// <summary>Runs an action that may wait for long, on a thread of its own.</summary>
    public static Task RunWaiting(Action action, CancellationToken cancellationToken)
        => Task.Factory.StartNew(action, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Runs an action for each number below <paramref name="count"/>, several at a time, and waits for all of them.</summary>
    /// <exception cref="AggregateException">One of them failed.</exception>
    public static void ForEach(int count, Action<int> action) => Parallel.For(0, count, action);
}
