namespace P2PCopy.Relay.Http;

/// <summary>A refusal instead of the upgrade.</summary>
/// <param name="Status">The HTTP status (docs/protocol.md, section 2).</param>
/// <param name="Kind">A stable word for the metrics.</param>
/// <param name="Sentence">One ASCII sentence: what is refused, and what to do.</param>
/// <param name="RetryAfterSeconds">When to try again; 0 is unknown.</param>
internal sealed record Refusal(int Status, string Kind, string Sentence, int RetryAfterSeconds = 0)
{
    /// <summary>A request that only a broken client or proxy sends.</summary>
    /// <param name="problem">A sentence.</param>
    /// <param name="advice">A sentence that says what to do.</param>
    public static Refusal Malformed(string problem, string advice = "Check the client, and any proxy between.") => new(400, "malformed", $"{problem} {advice}");

    public static readonly Refusal NotHttp11 = Malformed("The relay speaks HTTP/1.1 only.", "A proxy in front must use it towards the relay.");

    public static readonly Refusal NotFound = new(404, "path", "There is nothing at this path; the rooms of a relay are at /p2p/, and a proxy in front must pass that on.");

    public static readonly Refusal NotAnUpgrade = new(426, "upgrade", "This is a P2PCopy relay: it needs a WebSocket upgrade of version 13; a proxy in front must pass the Upgrade and Connection headers on.");

    public static readonly Refusal RoleTaken = new(409, "role", "This role is taken in the room of this code: another machine already waits or transfers there. Use another code, or end the other one.");

    public static readonly Refusal Draining = new(503, "draining", "This relay is about to stop; join again in a moment.", 1);

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
