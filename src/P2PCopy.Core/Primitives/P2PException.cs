namespace P2PCopy;

/// <summary>
/// The exception of every expected failure of a transfer or a relay. The message says what was tried and what happened;
/// <see cref="Hint"/> says what to do.
/// </summary>
public sealed class P2PException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">The stable code.</param>
    /// <param name="message">One sentence: what was tried and what happened.</param>
    /// <param name="innerException">The exception that caused this one; null if there is none.</param>
    public P2PException(P2PErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>The stable code.</summary>
    public P2PErrorCode Code { get; }

    /// <summary>A sentence that says what to do; null if there is no advice. Options are named in backticks, as in the message.</summary>
    public string? Hint { get; init; }

    /// <summary>The exception itself, or for an unexpected exception a <see cref="P2PErrorCode.Failure"/> that contains it.</summary>
    internal static P2PException Of(Exception e)
        => e as P2PException
            ?? (IsOutOfMemory(e)
                ? new P2PException(P2PErrorCode.Failure, "The transfer failed: this process has no memory left.", e)
                {
                    Hint = "Raise its memory limit (`ulimit -v`, or MemoryMax= of a service), or use fewer `Connections` and a smaller `ChunkSize`.",
                }
                : new P2PException(P2PErrorCode.Failure, $"The transfer failed unexpectedly: {e.Message}", e));

    /// <summary>What the other side learns of it.</summary>
    internal const string NoMemory = "its process has no memory left.";

    /// <summary>Whether the system gave this process no more memory or threads.</summary>
    internal static bool IsOutOfMemory(Exception? e) => e is not null && (e is OutOfMemoryException || IsOutOfMemory(e.InnerException));
}
