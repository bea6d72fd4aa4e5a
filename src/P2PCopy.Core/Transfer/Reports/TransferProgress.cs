namespace P2PCopy;

/// <summary>How far a transfer is. Values only grow within one phase; reported at most every 250 ms and once at the end.</summary>
public sealed record TransferProgress
{
    /// <summary>What is being done.</summary>
    public required TransferPhase Phase { get; init; }

    /// <summary>Files with a result.</summary>
    public long FilesDone { get; init; }

    /// <summary>Files of the offer.</summary>
    public long FilesTotal { get; init; }

    /// <summary>Bytes of content confirmed (sender) or written (receiver), unchanged and copied ones included.</summary>
    public long BytesDone { get; init; }

    /// <summary>Bytes of the offer; null if unknown.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>The name of a file in work; null between files.</summary>
    public string? CurrentName { get; init; }

    /// <summary>Bytes done of the file in work.</summary>
    public long CurrentDone { get; init; }

    /// <summary>Bytes of the file in work; null if unknown.</summary>
    public long? CurrentTotal { get; init; }

    /// <summary>Bytes a second over the last seconds.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Seconds left at that rate; null when unknown.</summary>
    public double? SecondsRemaining { get; init; }
}

/// <summary>What a transfer is doing.</summary>
public enum TransferPhase
{
    /// <summary>Waiting for the other side.</summary>
    Waiting,

    /// <summary>Exchanging the list of files.</summary>
    Offering,

    /// <summary>Comparing with what is there.</summary>
    Comparing,

    /// <summary>Moving content.</summary>
    Transferring,

    /// <summary>The connection was lost; reconnecting.</summary>
    Reconnecting,

    /// <summary>Done.</summary>
    Completed,
}
