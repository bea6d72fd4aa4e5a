namespace P2PCopy.Cmdlets;

// PowerShell reads the types of parameters before the module can load its dependencies: so these live here and not in Core.
// A test compares them with their models name by name.

/// <summary>Whether file content is encrypted.</summary>
public enum P2PEncryption
{
    /// <summary>Everything is encrypted.</summary>
    On,

    /// <summary>Content travels in clear; names, digests and receipts stay encrypted.</summary>
    Off,
}

/// <summary>What a sender does with symbolic links.</summary>
public enum P2PLinkPolicy
{
    /// <summary>Leaves them out, with a warning.</summary>
    Skip,

    /// <summary>Sends what they point to.</summary>
    Follow,

    /// <summary>Sends the link itself, if it points inside the tree.</summary>
    Preserve,
}

/// <summary>Whether chunks are compressed.</summary>
public enum P2PCompression
{
    /// <summary>Where it helps.</summary>
    Auto,

    /// <summary>Every chunk.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>A compression codec.</summary>
public enum P2PCompressionCodec
{
    /// <summary>Zstandard.</summary>
    Zstd,

    /// <summary>gzip.</summary>
    Gzip,
}

/// <summary>Whether content is verified by its SHA-256.</summary>
public enum P2PHash
{
    /// <summary>Yes.</summary>
    On,

    /// <summary>No.</summary>
    Off,
}

/// <summary>What a receiver does with a file whose destination exists.</summary>
public enum P2PConflictPolicy
{
    /// <summary>Equal size and time: unchanged; else transfer what differs.</summary>
    Update,

    /// <summary>Transfer whatever is there.</summary>
    Overwrite,

    /// <summary>Keep what is there.</summary>
    Skip,

    /// <summary>Keep both.</summary>
    Rename,

    /// <summary>Transfer when the sender's is newer.</summary>
    Newer,

    /// <summary>An existing destination is that file's error.</summary>
    Fail,
}

/// <summary>The form of a relay's log lines.</summary>
public enum P2PLogFormat
{
    /// <summary>Time, event, and name=value pairs.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>What became of a file.</summary>
public enum P2PFileStatus
{
    /// <summary>Written, verified and renamed.</summary>
    Copied,

    /// <summary>It was there already.</summary>
    Unchanged,

    /// <summary>Left as asked for by the conflict policy.</summary>
    Skipped,

    /// <summary>It failed; see Message.</summary>
    Failed,

    /// <summary>The transfer ended before the other side confirmed it.</summary>
    Unconfirmed,
}
