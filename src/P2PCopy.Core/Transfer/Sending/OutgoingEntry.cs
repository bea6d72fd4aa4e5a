using P2PCopy.Files.Source;

namespace P2PCopy.Transfer.Sending;

/// <summary>An entry of a round at the sender, and its state. Its state belongs to <see cref="SendRound"/> and its lock.</summary>
/// <param name="Source">The offered entry.</param>
/// <param name="Line">Its line in the report.</param>
internal record struct OutgoingEntry(SourceEntry Source, int Line)
{
    /// <summary>SHA-256 of the file, once it is read; null without hash.</summary>
    public byte[]? Digest { get; set; }

    /// <summary>The reason why the file could not be read; null if it could.</summary>
    public SourceFailedException? Failure { get; set; }

    /// <summary>The file while the receiver compares it.</summary>
    public ListedFile? Listed { get; set; }

    /// <summary>The outcome of the comparison; null if the file was not compared.</summary>
    public ComparedEntry? Compared { get; set; }

    /// <summary>Whether the result has arrived.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether another attempt may correct the failure.</summary>
    public bool IsWorthRetrying { get; set; }
}

/// <summary>Why the receiver does not have an entry.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What to do; null if there is no advice.</param>
/// <param name="IsWorthRetrying">Whether another attempt may correct it.</param>
internal readonly record struct EntryFailure(P2PErrorCode Code, string Message, string? Hint, bool IsWorthRetrying);

/// <summary>The outcome of the comparison of a file.</summary>
/// <param name="SendLength">Bytes that are sent.</param>
/// <param name="IsExisting">The receiver already had the file.</param>
/// <param name="Digest">SHA-256 of the file; null without hash.</param>
internal sealed record ComparedEntry(long SendLength, bool IsExisting, byte[]? Digest);
