using System.Buffers;
using System.Globalization;
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

    private readonly List<(byte[] Hash, NamedToken? Named)> _tokens = [];

    private TokenSet()
    {
    }

    /// <summary>The named tokens. A name that stands on several lines has the limits of the last.</summary>
    public IEnumerable<NamedToken> Named => _tokens.Select(t => t.Named).OfType<NamedToken>();

    public static TokenSet Of(string token)
    {
        var set = new TokenSet();
        set._tokens.Add((Hash(token), null));
        return set;
    }

    /// <summary>
    /// Reads a file with one token per line, or a name and a token, and limits of this name; empty lines and lines that begin with
    /// <c>#</c> are ignored.
    /// </summary>
    /// <exception cref="P2PException">
    /// The file cannot be read, other users can read it, a name or a limit cannot be used, or the file holds no token, which would refuse
    /// every client.
    /// </exception>
    public static TokenSet Read(string file)
    {
        try
        {
            if (SecretFile.Problem(file) is { } problem)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' is not accepted: {problem}") { Hint = SecretFile.Hint(file) };
            var set = new TokenSet();
            int number = 0;
            foreach (string line in File.ReadLines(file).Select(l => l.Trim()))
            {
                number++;
                if (line.Length > 0 && line[0] != '#')
                    set.Add(line, file, number);
            }

            set.ShareLimits();
            return set._tokens.Count > 0
                ? set
                : throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' contains no token.") { Hint = "Write one token on each line." };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"The token file '{file}' could not be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a token is valid, and its name and limits if it has a name.</summary>
    public bool Contains(string token, out NamedToken? named)
    {
        byte[] hash = Hash(token);
        bool found = false;
        named = null;
        foreach ((byte[] known, NamedToken? knownAs) in _tokens)
        {
            if (!CryptographicOperations.FixedTimeEquals(known, hash))
                continue;
            found = true;
            named = knownAs;
        }

        return found;
    }

    private void Add(string line, string file, int number)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool hasLimits = words.Length > 2 && words.Skip(2).All(w => w.Contains('=', StringComparison.Ordinal));
        // A token may contain a space, so the whole line is valid too, unless that would get around limits.
        if (!hasLimits)
            _tokens.Add((Hash(line), null));
        if (words.Length != 2 && !hasLimits)
            return;
        // The messages must not show a token that stands where a name or a limit belongs.
        if (words[0].Length > MaxNameLength || words[0].AsSpan().ContainsAnyExcept(NameCharacters))
            throw Invalid("name", $"Use at most {MaxNameLength} letters, digits and the characters - _ .");
        TokenLimits limits = TokenLimits.Parse(words.Skip(2)) ?? throw Invalid("limit", $"Write limits as `{TokenLimits.Example}`, each at most once; leave out what has no limit.");
        _tokens.Add((Hash(words[1]), new NamedToken(words[0], limits)));

        P2PException Invalid(string what, string hint)
            => new(P2PErrorCode.InvalidOption, string.Create(CultureInfo.InvariantCulture, $"The {what} in line {number} of the token file '{file}' is not valid.")) { Hint = hint };
    }

    private void ShareLimits()
    {
        var last = new Dictionary<string, NamedToken>(StringComparer.Ordinal);
        foreach (NamedToken named in Named)
            last[named.Name] = named;
        for (int i = 0; i < _tokens.Count; i++)
        {
            if (_tokens[i].Named is { } named)
                _tokens[i] = (_tokens[i].Hash, last[named.Name]);
        }
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
