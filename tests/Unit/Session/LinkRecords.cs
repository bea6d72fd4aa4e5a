using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>How tests send and receive the records of a link.</summary>
internal static class LinkRecords
{
    /// <summary>Sends a record that a test has laid out in the middle of a buffer, sealed in place.</summary>
    public static ValueTask SendAsync(this SecureLink link, byte[] buffer, int plaintextLength, CancellationToken cancellationToken)
        => link.SendAsync(buffer.AsMemory(RecordFormat.PrefixLength, plaintextLength), buffer, cancellationToken);

    /// <summary>Receives a record as <see cref="LinkRunner"/> does.</summary>
    public static async Task<ReceivedRecord> ReceiveRecordAsync(this SecureLink link, byte[] buffer)
        => link.Open(buffer.AsMemory(0, await link.ReceiveAsync(buffer, default)));
}
