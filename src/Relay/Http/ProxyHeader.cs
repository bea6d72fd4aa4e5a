using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace P2PCopy.Relay.Http;

/// <summary>The header that a proxy of the PROXY protocol (versions 1 and 2) puts before everything else.</summary>
internal static class ProxyHeader
{
    private const int SignatureLength = 12;
    private const int MaxLine = 107;
    private const int MaxBody = 4096;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Reads the header and not a byte more.</summary>
    /// <returns>The client it names; <paramref name="proxy"/> for a connection of the proxy's own.</returns>
    /// <exception cref="InvalidDataException">There is none, or it is malformed.</exception>
    public static async Task<PeerAddress> ReadAsync(Stream stream, PeerAddress proxy, CancellationToken cancellationToken)
    {
        byte[] start = new byte[SignatureLength];
        await stream.ReadExactlyAsync(start, cancellationToken).ConfigureAwait(false);
        return start.AsSpan().SequenceEqual(Signature)
            ? await ReadVersion2Async(stream, proxy, cancellationToken).ConfigureAwait(false)
            : start.AsSpan().StartsWith("PROXY "u8)
                ? await ReadVersion1Async(stream, start, proxy, cancellationToken).ConfigureAwait(false)
                : throw new InvalidDataException("A connection from a trusted proxy has no PROXY header.");
    }

    private static async Task<PeerAddress> ReadVersion1Async(Stream stream, byte[] start, PeerAddress proxy, CancellationToken cancellationToken)
    {
        byte[] line = new byte[MaxLine];
        start.CopyTo(line, 0);
        int length = start.Length;
        while (line[length - 1] != '\n')
        {
            if (length == MaxLine)
                throw new InvalidDataException("A PROXY header is too long.");
            // Byte by byte: what follows the line belongs to the next reader.
            await stream.ReadExactlyAsync(line.AsMemory(length, 1), cancellationToken).ConfigureAwait(false);
            length++;
        }

        string[] parts = Encoding.ASCII.GetString(line, 0, length).TrimEnd('\r', '\n').Split(' ');
        if (parts.Length >= 2 && parts[1] == "UNKNOWN")
            return proxy;
        return parts.Length == 6 && parts[1] is "TCP4" or "TCP6" && IPAddress.TryParse(parts[2], out IPAddress? address)
            ? PeerAddress.Of(address)
            : throw new InvalidDataException("A PROXY header is malformed.");
    }

    private static async Task<PeerAddress> ReadVersion2Async(Stream stream, PeerAddress proxy, CancellationToken cancellationToken)
    {
        byte[] fixedPart = new byte[4];
        await stream.ReadExactlyAsync(fixedPart, cancellationToken).ConfigureAwait(false);
        int length = BinaryPrimitives.ReadUInt16BigEndian(fixedPart.AsSpan(2));
        if (fixedPart[0] >> 4 != 2 || length > MaxBody)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"A PROXY header has version {fixedPart[0] >> 4} and length {length}."));

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        bool ownConnection = (fixedPart[0] & 0x0F) == 0;
        return (ownConnection, fixedPart[1] >> 4) switch
        {
            (true, _) => proxy,
            (_, 1) when length >= 12 => PeerAddress.Of(new IPAddress(body.AsSpan(0, 4))),
            (_, 2) when length >= 36 => PeerAddress.Of(new IPAddress(body.AsSpan(0, 16))),
            _ => proxy,
        };
    }
}
