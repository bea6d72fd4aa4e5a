using System.Buffers.Binary;
using System.Net;

namespace P2PCopy.Session.Direct;

/// <summary>A mapping that a router has granted.</summary>
/// <param name="External">The external address; null if the answer does not contain it.</param>
/// <param name="Port">The external port.</param>
/// <param name="Lifetime">Its lifetime.</param>
internal readonly record struct PortMapping(IPAddress? External, int Port, TimeSpan Lifetime);

/// <summary>The messages of PCP (RFC 6887) that ask for a mapping of a TCP port.</summary>
internal static class PcpMessage
{
    /// <summary>The UDP port of a router for PCP and NAT-PMP.</summary>
    public const int ServerPort = 5351;

    /// <summary>Bytes of the nonce that ties an answer to its request.</summary>
    public const int NonceLength = 12;

    private const byte Version = 2;
    private const byte Map = 1;
    private const byte Answer = 0x80;
    private const byte Tcp = 6;
    private const int Length = 60;

    /// <summary>A request; a lifetime of zero removes the mapping (section 15).</summary>
    public static byte[] Request(IPAddress client, ReadOnlySpan<byte> nonce, int port, TimeSpan lifetime)
    {
        byte[] message = new byte[Length];
        message[0] = Version;
        message[1] = Map;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), (uint)lifetime.TotalSeconds);
        client.MapToIPv6().GetAddressBytes().CopyTo(message, 8);
        nonce.CopyTo(message.AsSpan(24));
        message[36] = Tcp;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(40), (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(42), (ushort)port);
        IPAddress.Any.MapToIPv6().GetAddressBytes().CopyTo(message, 44);
        return message;
    }

    /// <summary>Reads the answer to a request; null if it grants nothing or belongs to another one.</summary>
    public static PortMapping? Parse(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> nonce, int port)
    {
        if (answer.Length < Length || answer[0] != Version || answer[1] != (Map | Answer) || answer[3] != 0
            || !answer.Slice(24, NonceLength).SequenceEqual(nonce) || answer[36] != Tcp || BinaryPrimitives.ReadUInt16BigEndian(answer[40..]) != port)
        {
            return null;
        }

        var address = new IPAddress(answer.Slice(44, 16));
        return new PortMapping(
            address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
            BinaryPrimitives.ReadUInt16BigEndian(answer[42..]),
            TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(answer[4..])));
    }
}

/// <summary>The messages of NAT-PMP (RFC 6886), for routers that do not speak PCP.</summary>
internal static class NatPmpMessage
{
    private const byte AddressCode = 0;
    private const byte TcpCode = 2;
    private const byte Answer = 128;

    /// <summary>A request for the external address.</summary>
    public static byte[] AddressRequest() => [0, AddressCode];

    /// <summary>A request for a mapping; a lifetime of zero removes it (section 3.4).</summary>
    public static byte[] MapRequest(int port, TimeSpan lifetime)
    {
        byte[] message = new byte[12];
        message[1] = TcpCode;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)(lifetime > TimeSpan.Zero ? port : 0));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), (uint)lifetime.TotalSeconds);
        return message;
    }

    /// <summary>The address in an answer; null if there is none.</summary>
    public static IPAddress? ParseAddress(ReadOnlySpan<byte> answer)
        => answer.Length >= 12 && answer[0] == 0 && answer[1] == (Answer | AddressCode) && answer[2] == 0 && answer[3] == 0
            ? new IPAddress(answer.Slice(8, 4))
            : null;

    /// <summary>The mapping in an answer, without an address; null if it grants nothing.</summary>
    public static PortMapping? ParseMap(ReadOnlySpan<byte> answer, int port)
        => answer.Length >= 16 && answer[0] == 0 && answer[1] == (Answer | TcpCode) && answer[2] == 0 && answer[3] == 0
            && BinaryPrimitives.ReadUInt16BigEndian(answer[8..]) == port
            ? new PortMapping(null, BinaryPrimitives.ReadUInt16BigEndian(answer[10..]), TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(answer[12..])))
            : null;
}
