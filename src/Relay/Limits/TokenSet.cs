using System.Security.Cryptography;
using System.Text;

namespace P2PCopy.Relay.Limits;

/// <summary>The valid bearer tokens, kept as hashes so that the time of a comparison reveals nothing.</summary>
internal sealed class TokenSet
{
    private readonly List<byte[]> _hashes;

    private TokenSet(List<byte[]> hashes) => _hashes = hashes;

    public static TokenSet Of(string token) => new([Hash(token)]);

    /// <summary>Reads a file with one token per line; empty lines and lines that begin with <c>#</c> are ignored.</summary>
    /// <exception cref="P2PException">The file cannot be read or holds no token, which would refuse every client.</exception>
    public static TokenSet Read(string file)
    {
        try
        {
            List<byte[]> hashes = [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').Select(Hash)];
            return hashes.Count > 0
                ? new TokenSet(hashes)
                : throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' holds no token; write one per line.");
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
