using System.Buffers;
using System.Text;

namespace P2PCopy.Relay.Http;

/// <summary>
/// The head of an HTTP/1.1 request (RFC 9112), parsed strictly. Ambiguous heads are refused, so a request cannot mean one thing to
/// a proxy and another to the relay. A request never has a body. HTTP/1.0 is accepted because load balancers use it for health
/// checks.
/// </summary>
internal sealed class RequestHead
{
    private const int MaxHeaders = 100;

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Names are compared without case. A repeated header is kept as two entries.
    private readonly List<KeyValuePair<string, string>> _headers = [];

    private RequestHead(string method, string path, string query, bool isHttp10)
    {
        IsHttp10 = isHttp10;
        Method = method;
        Path = path;
        Query = query;
    }

    public string Method { get; }

    /// <summary>Whether it is an HTTP/1.0 request, which cannot be upgraded.</summary>
    public bool IsHttp10 { get; }

    /// <summary>The target before the question mark, not decoded.</summary>
    public string Path { get; }

    /// <summary>The target after the question mark; empty without one.</summary>
    public string Query { get; }

    /// <summary>Reads a head that ends with an empty line.</summary>
    /// <param name="head">All bytes up to and including the empty line.</param>
    /// <param name="refusal">Why the head is refused.</param>
    public static RequestHead? Parse(ReadOnlySpan<byte> head, out Refusal? refusal)
    {
        refusal = null;
        if (head.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !OnlyAllowedControls(head))
        {
            refusal = Refusal.Malformed("The request contains bytes that are not allowed in a request head.");
            return null;
        }

        string[] lines = Encoding.ASCII.GetString(head).Split("\r\n");
        // The text ends with two line breaks.
        if (lines.Length < 3 || lines[^1].Length > 0 || lines[^2].Length > 0)
        {
            refusal = Refusal.Malformed("The request does not end with an empty line.");
            return null;
        }

        RequestHead? request = ParseRequestLine(lines[0], out refusal);
        if (request is not null)
            refusal = request.AddHeaders(lines.AsSpan(1, lines.Length - 3));
        return refusal is null ? request : null;
    }

    /// <summary>The value of a header; null when it is missing or repeated.</summary>
    public string? Single(string name)
    {
        string? found = null;
        foreach ((string key, string value) in _headers)
        {
            if (!key.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            if (found is not null)
                return null;
            found = value;
        }

        return found;
    }

    /// <summary>Whether any of a header's comma-separated values is this one, without regard to case.</summary>
    public bool Lists(string name, string value) => List(name).Any(v => v.Equals(value, StringComparison.OrdinalIgnoreCase));

    /// <summary>The comma-separated values of a header, in all its lines.</summary>
    public IEnumerable<string> List(string name)
        => _headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(h => h.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The value of a query parameter; null when it is missing or repeated.</summary>
    public string? Parameter(string name)
    {
        string? found = null;
        foreach (string part in Query.Split('&'))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !part.AsSpan(0, equals).SequenceEqual(name))
                continue;
            if (found is not null)
                return null;
            found = part[(equals + 1)..];
        }

        return found;
    }

    private static bool OnlyAllowedControls(ReadOnlySpan<byte> head)
    {
        for (int i = 0; i < head.Length; i++)
        {
            byte b = head[i];
            bool allowed = b switch
            {
                (byte)'\t' => true,
                (byte)'\r' => i + 1 < head.Length && head[i + 1] == '\n',
                (byte)'\n' => i > 0 && head[i - 1] == '\r',
                _ => b is >= (byte)' ' and <= (byte)'~',
            };
            if (!allowed)
                return false;
        }

        return true;
    }

    private static RequestHead? ParseRequestLine(string line, out Refusal? refusal)
    {
        refusal = null;
        string[] parts = line.Split(' ');
        if (parts.Length != 3 || parts[0].Length == 0 || parts[0].AsSpan().ContainsAnyExcept(Token))
        {
            refusal = Refusal.Malformed("The first line is not the first line of an HTTP request.");
            return null;
        }

        if (parts[2] is not ("HTTP/1.1" or "HTTP/1.0"))
        {
            refusal = Refusal.NotHttp11;
            return null;
        }

        string target = parts[1];
        if (!target.StartsWith('/') || target.Contains('#', StringComparison.Ordinal) || target.Contains('\t', StringComparison.Ordinal))
        {
            refusal = Refusal.Malformed("The target of the request must be a path.");
            return null;
        }

        int question = target.IndexOf('?', StringComparison.Ordinal);
        bool isHttp10 = parts[2] == "HTTP/1.0";
        return question < 0
            ? new RequestHead(parts[0], target, string.Empty, isHttp10)
            : new RequestHead(parts[0], target[..question], target[(question + 1)..], isHttp10);
    }

    private Refusal? AddHeaders(ReadOnlySpan<string> lines)
    {
        if (lines.Length > MaxHeaders)
            return new Refusal(431, "head", $"The request has more than {MaxHeaders} headers.", "Check which headers a proxy in front adds.");

        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            // This also refuses folded lines and a space before the colon.
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExcept(Token))
                return Refusal.Malformed("A header line is not of the form 'name: value'.");
            _headers.Add(new(line[..colon], line.AsSpan(colon + 1).Trim(" \t").ToString()));
        }

        // HTTP/1.0 does not have this header (RFC 1945).
        if (Single("Host") is not { Length: > 0 } && !(IsHttp10 && Count("Host") == 0))
            return Refusal.Malformed("The request needs exactly one Host header.");
        if (Count("Transfer-Encoding") > 0 || (Count("Content-Length") > 0 && Single("Content-Length") != "0"))
            return Refusal.Malformed("A request to the relay has no body.");
        foreach (string once in (ReadOnlySpan<string>)["Authorization", "Sec-WebSocket-Key", "Sec-WebSocket-Version"])
        {
            if (Count(once) > 1)
                return Refusal.Malformed($"The header {once} is repeated.");
        }

        return null;
    }

    private int Count(string name) => _headers.Count(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
