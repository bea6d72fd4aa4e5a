namespace P2PCopy.Session.Crypto;

/// <summary>A message that is not a record of this connection. The connection must end; the session may reconnect.</summary>
internal sealed class RecordException(RecordFault fault, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The reason.</summary>
    public RecordFault Fault { get; } = fault;
}

/// <summary>Why a message is not a record.</summary>
internal enum RecordFault
{
    /// <summary>It is shorter than the shortest record.</summary>
    TooShort,

    /// <summary>Its first byte marks neither a sealed record nor a plain chunk.</summary>
    UnknownMarker,

    /// <summary>It is unencrypted, and the session is encrypted or it is not a chunk.</summary>
    PlainRefused,

    /// <summary>Its tag is wrong: it or an earlier message was altered, lost, repeated or reordered.</summary>
    NotAuthentic,

    /// <summary>An earlier message was wrong.</summary>
    Broken,
}
