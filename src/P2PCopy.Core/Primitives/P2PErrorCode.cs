namespace P2PCopy;

/// <summary>
/// The kind of an error. The names are stable: they are the error ids of the cmdlets, the <c>code</c> in the tool's JSON, and the
/// codes that two peers send to each other.
/// </summary>
public enum P2PErrorCode
{
    /// <summary>An error without a code of its own.</summary>
    Failure,

    /// <summary>An option or argument cannot be used.</summary>
    InvalidOption,

    /// <summary>A file of the sender could not be read.</summary>
    FileReadError,

    /// <summary>A file of the receiver could not be written.</summary>
    FileWriteError,

    /// <summary>The destination file exists, and the conflict policy does not replace it.</summary>
    DestinationExists,

    /// <summary>A name is not allowed or not possible on the receiver.</summary>
    NameRefused,

    /// <summary>Content has another digest than expected, or a record cannot be authenticated.</summary>
    IntegrityCheckFailed,

    /// <summary>The other side did not confirm the file.</summary>
    Unconfirmed,

    /// <summary>The codes of the two sides differ.</summary>
    PairingFailed,

    /// <summary>The relay could not be reached, or its TLS certificate was not accepted.</summary>
    RelayConnectFailed,

    /// <summary>The relay answered and refused.</summary>
    RelayRefused,

    /// <summary>The connection was lost and not re-established in time; a later run resumes.</summary>
    ConnectionLost,

    /// <summary>No one joined with the same code within the wait time.</summary>
    PeerDidNotCome,

    /// <summary>The other side declined, cancelled or failed.</summary>
    PeerAborted,

    /// <summary>The destination has too little free space.</summary>
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
