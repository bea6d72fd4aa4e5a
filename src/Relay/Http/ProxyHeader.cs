using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace P2PCopy.Relay.Http;

/// <summary>The header of the PROXY protocol, versions 1 and 2, with which a proxy begins a connection.</summary>
internal static class ProxyHeader
{
    private const int SignatureLength = 12;
    private const int MaxLine = 107;
    private const int MaxBody = 4096;

    // Lengths of the addresses and ports of version 2.
    private const int Body4 = 12;
    private const int Body6 = 36;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Reads the header and no byte more.</summary>
    /// <returns>The client that it names, with its port; <paramref name="proxy"/> if it names none, as for a health check of the proxy.</returns>
    /// <exception cref="InvalidDataException">There is no header, or it is malformed.</exception>
    public static async Task<ClientOrigin> ReadAsync(Stream stream, ClientOrigin proxy, CancellationToken cancellationToken)
    {
        byte[] start = new byte[SignatureLength];
        await stream.ReadExactlyAsync(start, cancellationToken).ConfigureAwait(false);
        IPEndPoint? named;
        if (start.AsSpan().SequenceEqual(Signature))
            named = await ReadVersion2Async(stream, cancellationToken).ConfigureAwait(false);
        else if (start.AsSpan().StartsWith("PROXY "u8))
            named = await ReadVersion1Async(stream, start, cancellationToken).ConfigureAwait(false);
        else
            throw new InvalidDataException("A connection from a trusted proxy has no PROXY header.");
        return named is null || named.Address.Equals(IPAddress.Any) || named.Address.Equals(IPAddress.IPv6Any)
            ? proxy
            : new ClientOrigin(PeerAddress.Of(named.Address), MayForward: false, named.Port);
    }

    private static async Task<IPEndPoint?> ReadVersion1Async(Stream stream, byte[] start, CancellationToken cancellationToken)
    {
        byte[] line = new byte[MaxLine];
        start.CopyTo(line, 0);
        int length = start.Length;
        while (line[length - 1] != '\n')
        {
            if (length == MaxLine)
                throw new InvalidDataException("A PROXY header is too long.");
            // One byte at a time: the bytes after the line belong to the next reader.
            await stream.ReadExactlyAsync(line.AsMemory(length, 1), cancellationToken).ConfigureAwait(false);
            length++;
        }

        string[] parts = Encoding.ASCII.GetString(line, 0, length).TrimEnd('\r', '\n').Split(' ');
        if (parts.Length >= 2 && parts[1] == "UNKNOWN")
            return null;
        AddressFamily family = parts.Length != 6 ? AddressFamily.Unspecified
            : parts[1] == "TCP4" ? AddressFamily.InterNetwork
            : parts[1] == "TCP6" ? AddressFamily.InterNetworkV6
            : AddressFamily.Unspecified;
        return family != AddressFamily.Unspecified && IPAddress.TryParse(parts[2], out IPAddress? address) && address.AddressFamily == family
            ? new IPEndPoint(address, ushort.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : 0)
            : throw new InvalidDataException("A PROXY header is malformed.");
    }

    private static async Task<IPEndPoint?> ReadVersion2Async(Stream stream, CancellationToken cancellationToken)
    {
        byte[] fixedPart = new byte[4];
        await stream.ReadExactlyAsync(fixedPart, cancellationToken).ConfigureAwait(false);
        int length = BinaryPrimitives.ReadUInt16BigEndian(fixedPart.AsSpan(2));
        int version = fixedPart[0] >> 4, command = fixedPart[0] & 0x0F, family = fixedPart[1] >> 4;
        if (version != 2 || command > 1 || length > MaxBody)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"A PROXY header has version {version}, command {command} and length {length}."));

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        const int Local = 0;
        return (command, family) switch
        {
            (Local, _) => null,
            (_, 1) => length >= Body4 ? new IPEndPoint(new IPAddress(body.AsSpan(0, 4)), BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(8))) : throw TooShort(),
            (_, 2) => length >= Body6 ? new IPEndPoint(new IPAddress(body.AsSpan(0, 16)), BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(32))) : throw TooShort(),
            _ => null,
        };
    }

    private static InvalidDataException TooShort() => new("A PROXY header is too short for its addresses.");
}
