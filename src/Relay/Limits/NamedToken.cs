namespace P2PCopy.Relay.Limits;

/// <summary>The name of a token and its limits; the token itself is kept as a hash.</summary>
internal sealed record NamedToken(string Name, TokenLimits Limits);
