namespace P2PCopy.Session.Messages;

/// <summary>What a record is (docs/protocol.md §6): the first byte of its plaintext.</summary>
internal enum RecordType : byte
{
    /// <summary>A piece of the stream of file content.</summary>
    Chunk = 1,

    /// <summary>A numbered control message.</summary>
    Control = 2,

    /// <summary>What has arrived.</summary>
    Ack = 3,

    /// <summary>A sign of life.</summary>
    Heartbeat = 4,

    /// <summary>The reason why the other side ends the session.</summary>
    Abort = 5,
}
