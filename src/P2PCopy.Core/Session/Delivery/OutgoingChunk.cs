namespace P2PCopy.Session.Delivery;

/// <summary>
/// A chunk to send: its whole record (type, header, payload) in one pooled buffer, kept until it is acknowledged.
/// The state fields belong to <see cref="ChunkOutbox"/> and its lock.
/// </summary>
internal sealed class OutgoingChunk(long number, byte[] buffer, int recordLength, int rawLength)
{
    public long Number => number;

    public byte[] Buffer => buffer;

    /// <summary>Bytes of the record in <see cref="Buffer"/>.</summary>
    public int RecordLength => recordLength;

    /// <summary>Bytes of the chunk before compression.</summary>
    public int RawLength => rawLength;

    /// <summary>The connection that carries or carried the chunk; null while the chunk waits.</summary>
    public int? Connection { get; set; }

    /// <summary>The connection that sends the chunk again while <see cref="Connection"/> is late with it.</summary>
    public int? Copy { get; set; }

    /// <summary>The state of the delivery when <see cref="Copy"/> took it.</summary>
    public DeliveryMark CopyTaken { get; set; }

    /// <summary>Since when another connection may send the chunk again; null if none may.</summary>
    public long? LateSince { get; set; }

    /// <summary>The connections whose links read the buffer, one bit each.</summary>
    public ulong Readers { get; set; }

    /// <summary>Whether the receiver has the chunk. It keeps its place in the window until it is written.</summary>
    public bool Arrived { get; set; }

    /// <summary>Whether the receiver has written the chunk.</summary>
    public bool Acknowledged { get; set; }

    /// <summary>The state of the delivery when a link took it.</summary>
    public DeliveryMark Taken { get; set; }

    public int TimesSent { get; set; }

    /// <summary>Whether the link of the connection reads the buffer.</summary>
    public bool IsReadBy(int connection) => (Readers & (1UL << connection)) != 0;

    /// <summary>Notes that the connection has lost its link, or that its link is not waited for.</summary>
    public void Leave(int connection)
    {
        if (Connection == connection)
            (Connection, Copy, Taken, LateSince) = (Copy, null, Copy is null ? Taken : CopyTaken, null);
        else if (Copy == connection)
            Copy = null;
    }
}
