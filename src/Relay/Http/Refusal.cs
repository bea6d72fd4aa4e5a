namespace P2PCopy.Relay.Http;

/// <summary>A refusal instead of the upgrade.</summary>
/// <param name="Status">The HTTP status (docs/protocol.md, section 2).</param>
/// <param name="Kind">A stable word for the metrics.</param>
/// <param name="Sentence">One ASCII sentence: what is refused and why.</param>
/// <param name="Advice">One ASCII sentence for a person: what to do.</param>
/// <param name="RetryAfterSeconds">When to try again; 0 is unknown.</param>
internal sealed record Refusal(int Status, string Kind, string Sentence, string Advice, int RetryAfterSeconds = 0)
{
    /// <summary>The advice when the relay is full.</summary>
    public const string ComeLater = "Try again later, or use another relay.";

    /// <summary>A request that only a broken client or proxy sends.</summary>
    /// <param name="problem">A sentence.</param>
    /// <param name="advice">A sentence that says what to do.</param>
    public static Refusal Malformed(string problem, string advice = "Check the client, and any proxy between.") => new(400, "malformed", problem, advice);

    public static readonly Refusal NotHttp11 = Malformed("The relay speaks HTTP/1.1 only.", "A proxy in front of the relay must use HTTP/1.1 towards it.");

    public static readonly Refusal NotFound = new(404, "path", "There is nothing at this path.", "The rooms of a relay are at /p2p/; a proxy in front must forward this path.");

    public static readonly Refusal NotAnUpgrade = new(426, "upgrade", "This is a P2PCopy relay, which needs a WebSocket upgrade of version 13.", "A proxy in front must forward the Upgrade and Connection headers.");

    public static readonly Refusal RoleTaken = new(409, "role", "Another program already waits or transfers in this role with this code.", "Use another code, or end the other program.");

    public static readonly Refusal Draining = new(503, "draining", "This relay is about to stop.", "Join again after a second.", 1);

    public string ReasonPhrase => Status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    };
}
