using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace P2PCopy.Session.Pairing;

/// <summary>Room names: 22 base64url characters.</summary>
internal static class Room
{
    /// <summary>Characters in a room name: 132 bits of a digest.</summary>
    public const int Length = 22;

    /// <summary>
    /// The room of a code's route (docs/protocol.md §1). It depends on the route alone, so it gives the relay no way to
    /// check a guess at the secret.
    /// </summary>
    public static string FromRoute(string route)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes("p2pcopy room" + route.ToLowerInvariant()));
        return Base64Url.EncodeToString(digest)[..Length];
    }

    /// <summary>The room for 16 bytes that are derived from a session (§4).</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes)[..Length];
}
