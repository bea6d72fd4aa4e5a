namespace P2PCopy.Cmdlets;

// PowerShell reads the types of parameters before the module can load its dependencies, so these types cannot be in Core.
// A test compares them with the types of Core.

/// <summary>Whether file content is encrypted.</summary>
public enum P2PEncryption
{
    /// <summary>Everything is encrypted.</summary>
    On,

    /// <summary>Content is sent unencrypted; names, digests and receipts stay encrypted.</summary>
    Off,
}

/// <summary>Whether the two sides of a transfer connect to each other directly, past the relay.</summary>
public enum P2PDirect
{
    /// <summary>Where it is possible and faster.</summary>
    Auto,

    /// <summary>Never.</summary>
    Off,

    /// <summary>Between the addresses of network interfaces only.</summary>
    Lan,

    /// <summary>The relay carries no content.</summary>
    Only,
}

/// <summary>Whether a side looks for the other one on the networks of this machine.</summary>
public enum P2PDiscovery
{
    /// <summary>It asks there, and answers, beside the relay.</summary>
    Auto,

    /// <summary>It does not.</summary>
    Off,
}

/// <summary>How a sender treats symbolic links.</summary>
public enum P2PLinkPolicy
{
    /// <summary>Skips them with a warning.</summary>
    Skip,

    /// <summary>Sends their targets.</summary>
    Follow,

    /// <summary>Sends the links themselves, if they point inside the tree.</summary>
    Preserve,
}

/// <summary>Whether chunks are compressed.</summary>
public enum P2PCompression
{
    /// <summary>Chunks that become smaller are compressed.</summary>
    Auto,

    /// <summary>Every chunk is compressed.</summary>
    On,

    /// <summary>No chunk is compressed.</summary>
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
    /// <summary>Content is verified.</summary>
    On,

    /// <summary>Content is not verified.</summary>
    Off,
}

/// <summary>How a receiver treats a file that exists.</summary>
public enum P2PConflictPolicy
{
    /// <summary>A file with equal size and time is unchanged; otherwise its differences are sent.</summary>
    Update,

    /// <summary>The file is always sent.</summary>
    Overwrite,

    /// <summary>The existing file is kept.</summary>
    Skip,

    /// <summary>The received file gets another name.</summary>
    Rename,

    /// <summary>The file is sent if the sender's file is newer.</summary>
    Newer,

    /// <summary>The file fails.</summary>
    Fail,

    /// <summary>As Update, but the user is asked about each file that would be replaced.</summary>
    Ask,
}

/// <summary>The form of a relay's log lines.</summary>
public enum P2PLogFormat
{
    /// <summary>Time, event, and name=value pairs.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}
