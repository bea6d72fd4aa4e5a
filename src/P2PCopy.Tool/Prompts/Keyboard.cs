namespace P2PCopy.Tool.Prompts;

/// <summary>
/// The keys of the terminal. A read cannot be cancelled, so one that was waited for in vain remains and gives its key to the next.
/// </summary>
/// <param name="read">Waits for a key.</param>
/// <param name="hasTypeAhead">Whether keys may wait that were typed before the question.</param>
internal sealed class Keyboard(Func<ConsoleKeyInfo> read, bool hasTypeAhead)
{
    private static readonly TimeSpan BetweenKeysOfASequence = TimeSpan.FromMilliseconds(50);

    private Task<ConsoleKeyInfo>? _next;

    /// <summary>Waits for a key.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    /// <exception cref="IOException">The terminal is gone.</exception>
    public ConsoleKeyInfo Read(CancellationToken cancellationToken)
    {
        Next().WaitAsync(cancellationToken).GetAwaiter().GetResult();
        return Take();
    }

    /// <summary>The next key, if it comes at once: the rest of an escape sequence.</summary>
    public bool TryRead(out ConsoleKeyInfo key)
    {
        key = default;
        if (Task.WhenAny(Next(), Task.Delay(BetweenKeysOfASequence)).GetAwaiter().GetResult() != _next || !_next.IsCompletedSuccessfully)
            return false;
        key = Take();
        return true;
    }

    /// <summary>Ignores the keys that were typed before a question was shown: they cannot be its answer.</summary>
    public void Discard()
    {
        while (hasTypeAhead && TryRead(out ConsoleKeyInfo _))
        {
            // The key is ignored.
        }
    }

    private Task<ConsoleKeyInfo> Next() => _next ??= Task.Run(read);

    private ConsoleKeyInfo Take()
    {
        Task<ConsoleKeyInfo> next = _next!;
        _next = null;
        return next.GetAwaiter().GetResult();
    }
}
