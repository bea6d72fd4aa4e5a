namespace P2PCopy.Cmdlets;

/// <summary>What a transfer did. While it runs, its Status is Running and its numbers are those of its start.</summary>
public sealed class P2PTransferResult
{
    internal P2PTransferResult(DateTime started, Uri? relay, string? senderName)
    {
        Started = started;
        Relay = relay;
        SenderName = senderName;
    }

    /// <summary>Tells the transfers of this side apart.</summary>
    public string Id { get; } = Guid.CreateVersion7().ToString();

    /// <summary>
    /// Running; Completed; Incomplete, if single files failed; Failed, if it ended early. Text, so that it is text in JSON too.
    /// </summary>
    public string Status { get; internal set; } = "Running";

    /// <summary>What the sender calls itself; empty when it does not say.</summary>
    public string? SenderName { get; internal set; }

    /// <summary>The first relay that was to be used, or that of the sender's own process.</summary>
    public Uri? Relay { get; }

    /// <summary>When both sides had found each other, local time.</summary>
    public DateTime Started { get; }

    /// <summary>From then to the end.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>Whether everything that is counted as copied or unchanged was written through to the receiver's disk.</summary>
    public bool IsDurable { get; internal set; }

    /// <summary>Files that were written, verified and renamed.</summary>
    public long Copied { get; internal set; }

    /// <summary>Files that were there already.</summary>
    public long Unchanged { get; internal set; }

    /// <summary>Files that the conflict policy left as they were.</summary>
    public long Skipped { get; internal set; }

    /// <summary>Files that failed.</summary>
    public long Failed { get; internal set; }

    /// <summary>Files that the other side had not confirmed when the transfer ended.</summary>
    public long Unconfirmed { get; internal set; }

    /// <summary>Bytes of the files that were copied.</summary>
    public long BytesCopied { get; internal set; }

    /// <summary>How many of them the receiver had already, so that they were not sent.</summary>
    public long BytesReused { get; internal set; }

    /// <summary>Bytes that this side sent and received, with every overhead.</summary>
    public long BytesTransferred { get; internal set; }

    /// <summary>How many of them went over a direct connection and through no relay.</summary>
    public long BytesDirect { get; internal set; }

    /// <summary>The codec of the compressed chunks; empty if no chunk was compressed.</summary>
    public string? Codec { get; internal set; }

    /// <summary>How often all connections were lost and one was re-established.</summary>
    public int Reconnects { get; internal set; }

    /// <summary>The error id of a transfer that ended early.</summary>
    public string? ErrorId { get; internal set; }

    /// <summary>Why it ended early.</summary>
    public string? Message { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
