namespace P2PCopy;

/// <summary>
/// The one exception of a transfer or relay that could not do its work. The message says what was tried and what happened;
/// <see cref="Hint"/> says what to do, if the message does not.
/// </summary>
public sealed class P2PException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">The stable code.</param>
    /// <param name="message">One sentence: what was tried and what happened.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public P2PException(P2PErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>The stable code.</summary>
    public P2PErrorCode Code { get; }

    /// <summary>What to do about it, a phrase of its own; null if there is none. It names options in backticks as the message does.</summary>
    public string? Hint { get; init; }

    /// <summary>Whatever ended a transfer as the kind of error that a transfer ends with.</summary>
    internal static P2PException Of(Exception e)
        => e as P2PException ?? new P2PException(P2PErrorCode.Failure, $"The transfer failed unexpectedly: {e.Message}", e);
}
