using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Limits;

/// <summary>Decides who may connect and who may join, and says why not. Safe to use from any thread.</summary>
internal sealed class Admission
{
    // Connections above a limit that are still taken, so that they can be told why they are refused.
    private const int RefusalLane = 64;

    // Addresses or rooms whose rate is remembered; a flood from more of them shares one bucket.
    private const int MaxBuckets = 100_000;

    private readonly RelayHub _hub;
    private readonly AddressList _allowed;
    private readonly TokenSet? _token;
    private readonly WatchedFile<TokenSet>? _tokenFile;
    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _connectionsByAddress = new(StringComparer.Ordinal);
    private int _connections;

    public Admission(RelayHub hub)
    {
        _hub = hub;
        RelayOptions options = hub.Options;
        _allowed = new AddressList(options.AllowedAddresses, nameof(options.AllowedAddresses));
        TrustedProxies = new AddressList(options.TrustedProxies, nameof(options.TrustedProxies));
        _token = options.Token is { Length: > 0 } token ? TokenSet.Of(token) : null;
        if (options.TokenFile is { } file)
            _tokenFile = new WatchedFile<TokenSet>([file], () => TokenSet.Read(file), e => hub.Log.Reloaded("tokens", e), hub.Clock);
    }

    public AddressList TrustedProxies { get; }

    /// <summary>Connections that are open, joined or not.</summary>
    public int Connections
    {
        get
        {
            lock (_lock)
                return _connections;
        }
    }

    /// <summary>Takes a fresh connection; null when there are too many even to say so.</summary>
    public Lease? Accept(PeerAddress peer)
    {
        lock (_lock)
        {
            if (_connections >= _hub.Options.MaxConnections + RefusalLane)
                return null;
            // Everything behind a proxy has its address: those are counted when they name their client.
            string? group = TrustedProxies.Contains(peer) ? null : peer.Group;
            if (group is not null && OfAddress(group) >= Limit(_hub.Options.MaxConnectionsPerAddress) + RefusalLane)
                return null;
            _connections++;
            Count(group, 1);
            return new Lease(this, group, 1);
        }
    }

    /// <summary>Lets a client join; null with the reason when it may not.</summary>
    /// <param name="client">Where it comes from, proxies looked through.</param>
    /// <param name="direct">Where its connection comes from.</param>
    /// <param name="join">What it wants.</param>
    /// <param name="refusal">Why it may not.</param>
    public Lease? Enter(PeerAddress client, PeerAddress direct, JoinRequest join, out Refusal? refusal)
    {
        refusal = Check(client, join);
        if (refusal is not null)
            return null;

        lock (_lock)
        {
            // Counted already when it came directly.
            bool counted = !TrustedProxies.Contains(direct) && client == direct;
            int most = Limit(_hub.Options.MaxConnectionsPerAddress);
            if (OfAddress(client.Group) >= most + (counted ? 1 : 0))
            {
                refusal = new Refusal(429, "address", string.Create(CultureInfo.InvariantCulture, $"There are {most} connections from this address already, which is all this relay allows; end some, or try again later."), 30);
                return null;
            }

            string? group = counted ? null : client.Group;
            Count(group, 1);
            return new Lease(this, group, 0);
        }
    }

    /// <summary>Whether a new join has a chance.</summary>
    public bool IsReady([NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = _hub.IsDraining ? Refusal.Draining
            : Connections > _hub.Options.MaxConnections ? Full
            : _hub.Traffic.IsDaySpent ? new Refusal(503, "day", "This relay has moved all bytes it may move today; come back tomorrow (UTC) or use another relay.", _hub.Traffic.SecondsToNextDay)
            : null;
        return refusal is null;
    }

    /// <summary>Forgets rates that are full again; called once a second.</summary>
    public void Tick()
    {
        foreach ((string key, TokenBucket bucket) in _buckets)
        {
            if (bucket.IsFull)
                _buckets.TryRemove(new KeyValuePair<string, TokenBucket>(key, bucket));
        }
    }

    private Refusal Full => new(503, "full", string.Create(CultureInfo.InvariantCulture, $"This relay has {_hub.Options.MaxConnections} connections, which is all it allows; try again later or use another relay."), 5);

    private Refusal? Check(PeerAddress client, JoinRequest join)
    {
        if (!IsReady(out Refusal? notReady))
            return notReady;
        if (!_allowed.IsEmpty && !_allowed.Contains(client))
            return new Refusal(403, "forbidden", "This relay does not admit your address; ask who runs it.");
        if (_hub.Options.AdmitRoom is { } admit && !admit(join.Room))
            return new Refusal(403, "forbidden", "This relay serves one transfer only, and the code is another one's; check the code.");
        if (TokenProblem(join.Token) is { } problem)
            return problem;
        if (_hub.Rooms.IsRejoin(join) || _hub.Returning.Admits(join))
            return null;
        return RateProblem("a:" + client.Group, _hub.Options.MaxJoinsPerMinutePerAddress, "your address")
            ?? RateProblem("r:" + join.Room, _hub.Options.MaxJoinsPerMinutePerRoom, "the room of this code");
    }

    private Refusal? TokenProblem(string? shown)
    {
        if (_token is null && _tokenFile is null)
            return null;
        if (shown is null)
            return new Refusal(401, "token", "This relay asks for a token; give it in `Token` or P2PCOPY_TOKEN.");
        return _token?.Contains(shown) == true || _tokenFile?.Value.Contains(shown) == true
            ? null
            : new Refusal(401, "token", "This relay does not know the token that was given; check `Token` or P2PCOPY_TOKEN.");
    }

    private Refusal? RateProblem(string key, int perMinute, string of)
    {
        if (perMinute == 0)
            return null;
        if (_buckets.Count >= MaxBuckets && !_buckets.ContainsKey(key))
            key = "overflow";
        TokenBucket bucket = _buckets.GetOrAdd(key, _ => new TokenBucket(perMinute / 60.0, perMinute, _hub.Clock));
        return bucket.TryTake()
            ? null
            : new Refusal(429, "rate", string.Create(CultureInfo.InvariantCulture, $"More than {perMinute} joins a minute came from {of}; wait and try again."), Math.Max(1, 60 / perMinute));
    }

    private static int Limit(int limit) => limit == 0 ? int.MaxValue - RefusalLane - 1 : limit;

    private int OfAddress(string group) => _connectionsByAddress.GetValueOrDefault(group);

    private void Count(string? group, int by)
    {
        if (group is null)
            return;
        int now = OfAddress(group) + by;
        if (now == 0)
            _connectionsByAddress.Remove(group);
        else
            _connectionsByAddress[group] = now;
    }

    /// <summary>What was counted for a connection, given back when disposed.</summary>
    internal sealed class Lease(Admission admission, string? group, int connections) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            lock (admission._lock)
            {
                admission._connections -= connections;
                admission.Count(group, -1);
            }
        }
    }
}
