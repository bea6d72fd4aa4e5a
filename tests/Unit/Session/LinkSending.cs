using P2PCopy.Session;

namespace P2PCopy.Tests.Session;

/// <summary>Sends a record that a test has laid out in the middle of a buffer, sealed in place.</summary>
internal static class LinkSending
{
    public static ValueTask SendAsync(this SecureLink link, byte[] buffer, int plaintextLength, CancellationToken cancellationToken)
        => link.SendAsync(buffer.AsMemory(RecordFormat.PrefixLength, plaintextLength), buffer, cancellationToken);
}
