namespace P2PCopy.Session.Messages;

/// <summary>The type of a record (docs/protocol.md §6): the first byte of its plaintext.</summary>
internal enum RecordType : byte
{
    /// <summary>A part of the content.</summary>
    Chunk = 1,

    /// <summary>A numbered control message.</summary>
    Control = 2,

    /// <summary>The control messages and chunks that have arrived.</summary>
    Ack = 3,

    /// <summary>A record that shows that the connection works.</summary>
    Heartbeat = 4,

    /// <summary>The reason why the other side ends the session.</summary>
    Abort = 5,
}
