using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// The two messages of discovery (docs/protocol.md §9): a query, and the answer of a side that has a relay. Both have the same length,
/// so an answer never amplifies a query. Their keys come from the route of the code and reveal nothing about its secret.
/// </summary>
internal static class DiscoveryMessage
{
    /// <summary>The length of a message in bytes.</summary>
    public const int Length = MacOffset + MacLength;

    /// <summary>The length of a nonce in bytes.</summary>
    public const int NonceLength = 16;

    /// <summary>The UDP port that queries go to.</summary>
    public const int Port = 8765;

    private const byte Version = 1;
    private const byte QueryKind = 0;
    private const byte AnswerKind = 1;
    private const int VersionOffset = 4;
    private const int KindOffset = 5;
    private const int RoleOffset = 6;
    private const int FlagsOffset = 7;
    private const int NonceOffset = 8;
    private const int PortOffset = NonceOffset + NonceLength;
    private const int MacOffset = PortOffset + 2;
    private const int MacLength = 16;
    private const byte SecureFlag = 1;

    private static ReadOnlySpan<byte> Magic => "P2PC"u8;

    /// <summary>The multicast groups: one of the local scope (RFC 2365), and a transient one of the link (RFC 4291).</summary>
    public static IReadOnlyList<IPAddress> Groups { get; } = [IPAddress.Parse("239.255.80.67"), IPAddress.Parse("ff12::5032:5043")];

    /// <summary>The key of a route; 32 bytes.</summary>
    public static byte[] KeyOf(string route) => SHA256.HashData(Encoding.UTF8.GetBytes("p2pcopy discovery" + route.ToLowerInvariant()));

    /// <summary>A query of a side that looks for the relay of the other role.</summary>
    /// <param name="key">The key of the route.</param>
    /// <param name="role">The role of the side that asks.</param>
    /// <param name="nonce">Fresh for each query.</param>
    public static byte[] Query(byte[] key, PeerRole role, ReadOnlySpan<byte> nonce)
    {
        byte[] message = Head(QueryKind, role, nonce);
        Mac(key, message, []).CopyTo(message.AsSpan(MacOffset));
        return message;
    }

    /// <summary>Reads a query.</summary>
    /// <param name="message">What arrived.</param>
    /// <param name="key">The key of the route.</param>
    /// <param name="role">The role of this side; a query of the same role is not for it.</param>
    /// <param name="nonce">The nonce of the query.</param>
    /// <returns>Whether it is a query of the other role that proves the route.</returns>
    public static bool TryReadQuery(ReadOnlySpan<byte> message, byte[] key, PeerRole role, out byte[] nonce)
    {
        nonce = [];
        if (!IsFrom(message, QueryKind, role) || message[FlagsOffset] != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[PortOffset..]) != 0
            || !CryptographicOperations.FixedTimeEquals(message[MacOffset..], Mac(key, message, [])))
        {
            return false;
        }

        nonce = message.Slice(NonceOffset, NonceLength).ToArray();
        return true;
    }

    /// <summary>The answer to a query.</summary>
    /// <param name="key">The key of the route.</param>
    /// <param name="role">The role of the side that answers.</param>
    /// <param name="queryNonce">The nonce of the query.</param>
    /// <param name="nonce">Fresh for each answer.</param>
    /// <param name="address">The address that the answer is sent from.</param>
    /// <param name="port">The port of the relay at this address.</param>
    /// <param name="isSecure">Whether the relay speaks TLS.</param>
    public static byte[] Answer(byte[] key, PeerRole role, ReadOnlySpan<byte> queryNonce, ReadOnlySpan<byte> nonce, IPAddress address, int port, bool isSecure)
    {
        byte[] message = Head(AnswerKind, role, nonce);
        message[FlagsOffset] = isSecure ? SecureFlag : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(PortOffset), (ushort)port);
        Mac(key, message, [.. queryNonce, .. address.GetAddressBytes()]).CopyTo(message.AsSpan(MacOffset));
        return message;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="message">What arrived.</param>
    /// <param name="key">The key of the route.</param>
    /// <param name="role">The role of this side.</param>
    /// <param name="queryNonces">The nonces of the queries that may still be answered.</param>
    /// <param name="address">The address from which it came.</param>
    /// <returns>The port of the relay and whether it speaks TLS; null if the answer does not prove the route.</returns>
    public static (int Port, bool IsSecure)? ReadAnswer(ReadOnlySpan<byte> message, byte[] key, PeerRole role, IEnumerable<byte[]> queryNonces, IPAddress address)
    {
        if (!IsFrom(message, AnswerKind, role) || message[FlagsOffset] > SecureFlag)
            return null;
        int port = BinaryPrimitives.ReadUInt16BigEndian(message[PortOffset..]);
        if (port == 0)
            return null;
        foreach (byte[] queryNonce in queryNonces)
        {
            if (CryptographicOperations.FixedTimeEquals(message[MacOffset..], Mac(key, message, [.. queryNonce, .. address.GetAddressBytes()])))
                return (port, message[FlagsOffset] == SecureFlag);
        }

        return null;
    }

    private static bool IsFrom(ReadOnlySpan<byte> message, byte kind, PeerRole role)
        => message.Length == Length && message.StartsWith(Magic) && message[VersionOffset] == Version && message[KindOffset] == kind
            && message[RoleOffset] == Number(role.Other());

    private static byte[] Head(byte kind, PeerRole role, ReadOnlySpan<byte> nonce)
    {
        byte[] message = new byte[Length];
        Magic.CopyTo(message);
        message[VersionOffset] = Version;
        message[KindOffset] = kind;
        message[RoleOffset] = Number(role);
        nonce.CopyTo(message.AsSpan(NonceOffset, NonceLength));
        return message;
    }

    private static byte[] Mac(byte[] key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context)
    {
        byte[] input = [.. message[..MacOffset], .. context];
        return HMACSHA256.HashData(key, input)[..MacLength];
    }

    private static byte Number(PeerRole role) => role == PeerRole.Send ? (byte)0 : (byte)1;
}
