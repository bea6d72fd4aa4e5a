namespace P2PCopy;

/// <summary>
/// What went wrong. The names are stable: they are the error ids of the cmdlets, the <c>code</c> of the tool's JSON
/// and the codes two peers tell each other.
/// </summary>
public enum P2PErrorCode
{
    /// <summary>Anything the other codes do not name.</summary>
    Failure,

    /// <summary>An option or argument that cannot be used as given.</summary>
    InvalidOption,

    /// <summary>A file of the sender could not be read.</summary>
    FileReadError,

    /// <summary>A file of the receiver could not be written.</summary>
    FileWriteError,

    /// <summary>The destination exists and the conflict policy says to leave it.</summary>
    DestinationExists,

    /// <summary>A name that must not or cannot be created on the receiver.</summary>
    NameRefused,

    /// <summary>Content or a record did not have the digest or tag it must have.</summary>
    IntegrityCheckFailed,

    /// <summary>The other side never confirmed the file.</summary>
    Unconfirmed,

    /// <summary>The codes of the two sides differ.</summary>
    PairingFailed,

    /// <summary>The relay could not be reached, or its TLS certificate was not accepted.</summary>
    RelayConnectFailed,

    /// <summary>The relay answered and refused.</summary>
    RelayRefused,

    /// <summary>The connection was lost and the retry time is spent; a later run resumes.</summary>
    ConnectionLost,

    /// <summary>No one joined with the same code within the wait time.</summary>
    PeerDidNotCome,

    /// <summary>The other side declined, cancelled or failed.</summary>
    PeerAborted,

    /// <summary>The destination has not enough free space for the plan.</summary>
    InsufficientSpace,

    /// <summary>The offer is larger than the receiver accepts.</summary>
    LimitExceeded,

    /// <summary>The other side broke the protocol.</summary>
    ProtocolError,

    /// <summary>The two sides share no protocol version.</summary>
    VersionMismatch,

    /// <summary>This side was cancelled.</summary>
    Cancelled,
}
