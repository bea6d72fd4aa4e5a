using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Relay.Limits;

/// <summary>The valid bearer tokens, kept as hashes so that the time of a comparison reveals nothing.</summary>
internal sealed class TokenSet
{
    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly List<(byte[] Hash, string? Name)> _tokens = [];

    private TokenSet()
    {
    }

    public IEnumerable<string> Names => _tokens.Select(t => t.Name).OfType<string>();

    public static TokenSet Of(string token)
    {
        var set = new TokenSet();
        set._tokens.Add((Hash(token), null));
        return set;
    }

    /// <summary>
    /// Reads a file with one token per line, or a name and a token; empty lines and lines that begin with <c>#</c> are ignored.
    /// </summary>
    /// <exception cref="P2PException">
    /// The file cannot be read, other users can read it, a name cannot be used, or the file holds no token, which would refuse every client.
    /// </exception>
    public static TokenSet Read(string file)
    {
        try
        {
            if (SecretFile.Problem(file) is { } problem)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' is not accepted: {problem}") { Hint = SecretFile.Hint(file) };
            var set = new TokenSet();
            foreach (string line in File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
                set.Add(line, file);
            return set._tokens.Count > 0
                ? set
                : throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' contains no token.") { Hint = "Write one token on each line." };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' could not be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a token is valid, and its name if it has one.</summary>
    public bool Contains(string token, out string? name)
    {
        byte[] hash = Hash(token);
        bool found = false;
        name = null;
        foreach ((byte[] known, string? knownName) in _tokens)
        {
            if (!CryptographicOperations.FixedTimeEquals(known, hash))
                continue;
            found = true;
            name = knownName;
        }

        return found;
    }

    private void Add(string line, string file)
    {
        // A token may contain a space, so the whole line is valid too.
        _tokens.Add((Hash(line), null));
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
            return;
        // The message must not show a token that stands where the name belongs.
        if (words[0].Length > MaxNameLength || words[0].AsSpan().ContainsAnyExcept(NameCharacters))
            throw new P2PException(P2PErrorCode.InvalidOption, $"A name in the token file '{file}' is not valid.") { Hint = $"Use at most {MaxNameLength} letters, digits and the characters - _ ." };
        _tokens.Add((Hash(words[1]), words[0]));
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
