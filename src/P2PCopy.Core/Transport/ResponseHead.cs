using System.Net.WebSockets;
using System.Text;

namespace P2PCopy.Transport;

/// <summary>Status and headers of an HTTP/1 answer (RFC 9112, section 4).</summary>
internal sealed class ResponseHead
{
    private readonly string[] _lines;

    private ResponseHead(int status, string[] lines, ReadOnlyMemory<byte> early)
    {
        Status = status;
        _lines = lines;
        Early = early;
    }

    public int Status { get; }

    /// <summary>Bytes after the head that have already arrived.</summary>
    public ReadOnlyMemory<byte> Early { get; }

    /// <summary>Reads a head without its empty line.</summary>
    /// <param name="head">Its bytes.</param>
    /// <param name="early">Bytes after the head that have already arrived.</param>
    /// <exception cref="WebSocketException">The bytes are not a head.</exception>
    public static ResponseHead Parse(ReadOnlySpan<byte> head, ReadOnlyMemory<byte> early)
    {
        CheckBegin(head);
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        // HTTP/1.1 200 OK
        string line = lines[0];
        bool isStatus = line.Length >= 12 && line[8] == ' ' && (line.Length == 12 || line[12] == ' ')
            && char.IsAsciiDigit(line[9]) && char.IsAsciiDigit(line[10]) && char.IsAsciiDigit(line[11]);
        return isStatus
            ? new ResponseHead(((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0', lines, early)
            : throw NoHttp();
    }

    /// <summary>Refuses bytes with which no head begins.</summary>
    public static void CheckBegin(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> begin = "HTTP/1."u8;
        int length = Math.Min(head.Length, begin.Length);
        if (!head[..length].SequenceEqual(begin[..length]))
            throw NoHttp();
    }

    /// <summary>The first value of a header; null without it.</summary>
    public string? Header(string name)
    {
        foreach (string line in _lines.AsSpan(1))
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 1)..].Trim();
        }

        return null;
    }

    private static WebSocketException NoHttp() => new("The answer is not HTTP.");
}
