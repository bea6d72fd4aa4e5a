using System.Collections.Concurrent;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Options;

namespace P2PCopy.Relay.Limits;

/// <summary>The tokens of a relay and the use of the named ones. Safe to use from any thread.</summary>
internal sealed class Tokens
{
    private readonly TokenSet? _single;
    private readonly WatchedFile<TokenSet>? _file;
    private readonly ConcurrentDictionary<string, TokenUse> _uses = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    public Tokens(RelayOptions options, EventLog events)
    {
        _clock = options.TimeProvider;
        _single = options.Token is { } token ? TokenSet.Of(token.Reveal()) : null;
        if (options.TokenFile is { } file)
            _file = new WatchedFile<TokenSet>([file], () => TokenSet.Read(file), e => events.Reloaded("tokens", e), _clock);
        Tick();
    }

    /// <summary>Whether the file has changed and cannot be used; null without a file.</summary>
    public bool? IsFileOutdated => _file?.IsOutdated;

    /// <summary>The named tokens. One that is removed from the file keeps its counts.</summary>
    public IEnumerable<TokenUse> Named => _uses.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <summary>Why a token is not accepted; null if it is, or if none is needed.</summary>
    /// <param name="shown">The token of the client; null without one.</param>
    /// <param name="use">The use of a named token.</param>
    public Refusal? Check(string? shown, out TokenUse? use)
    {
        use = null;
        if (_single is null && _file is null)
            return null;
        if (shown is null)
            return new Refusal(401, "token", "This relay requires a token.", "Set `Token` or P2PCOPY_TOKEN.");
        if (_single?.Contains(shown, out _) == true)
            return null;
        if (_file?.Value.Contains(shown, out NamedToken? named) != true)
            return new Refusal(401, "token", "This relay does not accept this token.", "Check `Token` or P2PCOPY_TOKEN.");
        use = named is null ? null : Use(named);
        return null;
    }

    /// <summary>Called once a second: new names and limits of the file hold without a join.</summary>
    public void Tick()
    {
        foreach (NamedToken token in _file?.Value.Named ?? [])
            Use(token);
    }

    private TokenUse Use(NamedToken token)
    {
        TokenUse use = _uses.GetOrAdd(token.Name, name => new TokenUse(name, _clock));
        if (use.Limits != token.Limits)
            use.Limits = token.Limits;
        return use;
    }
}
