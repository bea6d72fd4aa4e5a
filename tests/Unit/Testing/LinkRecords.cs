using P2PCopy.Session;

namespace P2PCopy.Tests.Testing;

/// <summary>Receives a record as <see cref="LinkRunner"/> does.</summary>
internal static class LinkRecords
{
    public static async Task<ReceivedRecord> ReceiveRecordAsync(this SecureLink link, byte[] buffer)
        => link.Open(buffer.AsMemory(0, await link.ReceiveAsync(buffer, default)));
}
