namespace P2PCopy.Session.Delivery;

/// <summary>
/// A chunk on its way out: its whole record (type, header, payload) in one pooled buffer, kept until it is acknowledged.
/// The state fields belong to <see cref="ChunkOutbox"/> and its lock.
/// </summary>
internal sealed class OutgoingChunk(long number, byte[] buffer, int recordLength, int rawLength)
{
    public long Number => number;

    public byte[] Buffer => buffer;

    /// <summary>Bytes of <see cref="Buffer"/> that make the record.</summary>
    public int RecordLength => recordLength;

    /// <summary>Bytes of the chunk before compression.</summary>
    public int RawLength => rawLength;

    /// <summary>The stream that carries or carried it; null while it waits.</summary>
    public int? Stream { get; set; }

    /// <summary>A link is reading the buffer right now.</summary>
    public bool Sending { get; set; }

    public bool Acknowledged { get; set; }

    /// <summary>What was so when a link took it.</summary>
    public DeliveryMark Taken { get; set; }

    public int TimesSent { get; set; }
}
