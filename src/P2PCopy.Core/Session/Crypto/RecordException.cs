namespace P2PCopy.Session.Crypto;

/// <summary>A message that is no record of this connection. The connection has to be given up; the session may rejoin.</summary>
internal sealed class RecordException(RecordFault fault, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What is wrong with it.</summary>
    public RecordFault Fault { get; } = fault;
}

/// <summary>What is wrong with a message.</summary>
internal enum RecordFault
{
    /// <summary>It is shorter than the shortest record.</summary>
    TooShort,

    /// <summary>Its first byte is neither that of a sealed record nor that of a plain chunk.</summary>
    UnknownMarker,

    /// <summary>It is a plain record and the session is encrypted, or it is not a chunk.</summary>
    PlainRefused,

    /// <summary>Its tag is wrong: altered, lost, repeated or reordered, itself or a plain chunk before it.</summary>
    NotAuthentic,

    /// <summary>A record before it was wrong.</summary>
    Broken,
}
