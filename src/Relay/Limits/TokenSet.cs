using System.Security.Cryptography;
using System.Text;

namespace P2PCopy.Relay.Limits;

/// <summary>The bearer tokens that let a client in; kept as hashes, so that comparing them tells nothing by its time.</summary>
internal sealed class TokenSet
{
    private readonly List<byte[]> _hashes;

    private TokenSet(List<byte[]> hashes) => _hashes = hashes;

    public static TokenSet Of(string token) => new([Hash(token)]);

    /// <summary>Reads a file of one token a line; empty lines and those that begin with <c>#</c> do not count.</summary>
    /// <exception cref="P2PException">It cannot be read or holds no token: then nobody would get in.</exception>
    public static TokenSet Read(string file)
    {
        try
        {
            List<byte[]> hashes = [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').Select(Hash)];
            return hashes.Count > 0
                ? new TokenSet(hashes)
                : throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' holds no token; write one a line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' could not be read: {e.Message}", e);
        }
    }

    public bool Contains(string token)
    {
        byte[] hash = Hash(token);
        bool found = false;
        foreach (byte[] known in _hashes)
            found |= CryptographicOperations.FixedTimeEquals(known, hash);
        return found;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
