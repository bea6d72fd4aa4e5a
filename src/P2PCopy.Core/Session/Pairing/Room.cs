using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace P2PCopy.Session.Pairing;

/// <summary>The relay's address of a pair: 22 base64url characters.</summary>
internal static class Room
{
    /// <summary>Characters in a room name: 132 bits of a digest.</summary>
    public const int Length = 22;

    /// <summary>
    /// The room of a code's route (docs/protocol.md §1). It depends on the route alone: a relay that sees it learns
    /// nothing that would let it guess the secret.
    /// </summary>
    public static string FromRoute(string route)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes("p2pcopy room" + route.ToLowerInvariant()));
        return Base64Url.EncodeToString(digest)[..Length];
    }

    /// <summary>Names a room by 16 bytes derived from a session (§4).</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes)[..Length];
}
