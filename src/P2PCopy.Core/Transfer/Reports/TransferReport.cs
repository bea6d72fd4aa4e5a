using P2PCopy.Primitives;

namespace P2PCopy;

/// <summary>The results of a transfer.</summary>
public sealed record TransferReport
{
    /// <summary>One entry for each file, folder and link of the offer, in the order of the offer.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>True when every file was confirmed, unchanged or skipped as asked.</summary>
    public bool Succeeded => Error is null && Files.All(f => f.Error is null);

    /// <summary>Throws if not everything succeeded: the error that ended the transfer, or else that of the first file that failed.</summary>
    /// <returns>This report.</returns>
    /// <exception cref="P2PException">The transfer ended early, or a file failed.</exception>
    public TransferReport EnsureSuccess()
    {
        if (Error is not null)
            throw Error;
        if (Files.FirstOrDefault(f => f.Error is not null) is not { } failed)
            return this;

        int others = Files.Count(f => f.Error is not null) - 1;
        throw new P2PException(
            failed.Error!.Value,
            $"{VisibleText.Name(failed.Name)}: {failed.Message}")
        {
            Hint = others > 0 ? $"{others} more failed; see {nameof(Files)} of the report." : failed.Hint,
        };
    }

    /// <summary>On the receiver: the name that the sender gives itself. Every program with the code can use any name. Null if it gives none.</summary>
    public string? SenderName { get; init; }

    /// <summary>
    /// True if every entry that is <see cref="FileStatus.Copied"/> or <see cref="FileStatus.Unchanged"/> was written through to the
    /// receiver's disk before it was confirmed; see <see cref="ReceiveOptions.Durable"/>. The same on both sides.
    /// </summary>
    public bool IsDurable { get; init; }

    /// <summary>The error that ended the transfer early, after the offer was known; null if the transfer ran to its end.</summary>
    public P2PException? Error { get; init; }

    /// <summary>Bytes of file content confirmed as written, copied blocks included.</summary>
    public long BytesCopied { get; init; }

    /// <summary>Bytes of files that were there already, unchanged.</summary>
    public long BytesUnchanged => Files.Where(f => f.Status == FileStatus.Unchanged).Sum(f => f.Length);

    /// <summary>
    /// Bytes of <see cref="BytesCopied"/> that the receiver had already, in a partial file or in the file that was replaced, and that
    /// were not sent.
    /// </summary>
    public long BytesReused { get; init; }

    /// <summary>Bytes this process sent or received over its connections, with every overhead.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>Bytes of <see cref="BytesTransferred"/> over direct connections; see <see cref="TransferOptions.Direct"/>.</summary>
    public long BytesDirect { get; init; }

    /// <summary>Bytes of <see cref="BytesTransferred"/> through the relay.</summary>
    public long BytesRelayed { get; init; }

    /// <summary>The codec of the compressed chunks; null if no chunk was compressed.</summary>
    public CompressionCodec? Codec { get; init; }

    /// <summary>Chunks that were sent or received, repeats included.</summary>
    public long ChunksTransferred { get; init; }

    /// <summary>Chunks that were sent again after a lost connection.</summary>
    public long ChunksRepeated { get; init; }

    /// <summary>How often all connections were lost and one was re-established.</summary>
    public int Reconnects { get; init; }

    /// <summary>From the answer to the offer to the end: without the wait for the other side and for a person's consent.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>The result for one entry of the offer.</summary>
public sealed record FileReport
{
    /// <summary>The destination name in the offer, <c>/</c> between parts.</summary>
    public required string Name { get; init; }

    /// <summary>The full local path: the source on the sender, the destination on the receiver.</summary>
    public string? FullName { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; init; }

    /// <summary>File, folder or link.</summary>
    public FileReportKind Kind { get; init; }

    /// <summary>The result.</summary>
    public required FileStatus Status { get; init; }

    /// <summary>SHA-256 of the content, upper-case hex as <c>Get-FileHash</c> prints it; null without content or with <c>Hash Off</c>.</summary>
    public string? Hash { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public P2PErrorCode? Error { get; init; }

    /// <summary>A sentence for <see cref="Error"/>.</summary>
    public string? Message { get; init; }

    /// <summary>What to do about <see cref="Error"/>; null if there is no advice, and for an error of the other side.</summary>
    public string? Hint { get; init; }
}

/// <summary>The kind of an entry in a report.</summary>
public enum FileReportKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>The result for a file.</summary>
public enum FileStatus
{
    /// <summary>Written, verified and renamed.</summary>
    Copied,

    /// <summary>The receiver already had it.</summary>
    Unchanged,

    /// <summary>The conflict policy left the existing file.</summary>
    Skipped,

    /// <summary>It failed; see the error.</summary>
    Failed,

    /// <summary>The transfer ended before the other side confirmed it.</summary>
    Unconfirmed,
}
