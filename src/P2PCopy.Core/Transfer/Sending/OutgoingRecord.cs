using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Sending;

/// <summary>The layout of the record of an outgoing chunk in its buffer.</summary>
internal static class OutgoingRecord
{
    /// <summary>Bytes before the payload: record type and chunk header.</summary>
    public const int HeaderLength = 1 + ChunkHeader.Length;
}
