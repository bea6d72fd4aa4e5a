using P2PCopy.Primitives;

namespace P2PCopy.Transport;

/// <summary>
/// Joins rooms over WebSocket. Several relays are tried in order at every join, so two sides with the same list meet at the
/// first relay that both can reach. Safe to use from many threads.
/// </summary>
internal sealed class RelayConnector : IRoomConnector
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    // A relay that accepts connections and drops them is not dialled in a tight loop.
    private static readonly TimeSpan PauseAfterLoss = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstRejoin = TimeSpan.FromSeconds(1);

    // A relay that is started again is back sooner.
    private static readonly TimeSpan UntoldLoss = TimeSpan.FromSeconds(5);

    private readonly RelayConnectorOptions _options;
    private readonly RelayDialer _dialer;

    /// <summary>Checks the options.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: an option cannot be used; the message says why.</exception>
    public RelayConnector(RelayConnectorOptions options)
    {
        Check(options);
        _options = options;
        _dialer = new RelayDialer(options);
    }

    /// <summary>Refuses options that cannot be used.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: an option cannot be used; the message says why.</exception>
    public static void Check(RelayConnectorOptions options)
    {
        if (options.Relays.Count == 0)
            throw Invalid("No relay is given.", "Name at least one in `Relays`, such as wss://relay.example.org.");
        foreach (Uri relay in options.Relays)
            CheckAddress(relay);
        foreach (Uri relay in options.TokenRelays)
        {
            CheckAddress(relay);
            if (!options.Relays.Any(r => RelayAddress.Origin(r) == RelayAddress.Origin(relay)))
                throw Invalid($"`TokenRelays` has {RelayAddress.Show(relay)}, which is not in `Relays`.", "Name the relay in `Relays` too, or remove it from `TokenRelays`.");
        }

        if (options.Proxy is { } proxy && !ProxyAddress.IsUsable(proxy))
            throw Invalid("The address in `Proxy` is not that of a usable proxy.", $"Set an address such as http://proxy.example.org:3128, with {ProxyAddress.Schemes}, or `none`.");
        // .NET ignores a user in this address, and messages show addresses.
        if (options.Proxy is { IsAbsoluteUri: true, UserInfo.Length: > 0 })
            throw Invalid("The address in `Proxy` contains a user or a password.", "Remove it from the address and set `ProxyCredential`.");
        if (options.Token is { } token && !IsHeaderText(token.Reveal()))
            throw Invalid("`Token` contains characters that are not allowed in an HTTP header.", "Use printable ASCII characters without spaces.");
    }

    /// <summary>The form of a relay's address, as messages name it.</summary>
    public const string AddressForm = "an address such as wss://relay.example or ws://192.0.2.7:8765 with a port from 1 to 65535";

    /// <summary>Parses the address of a relay; null if it is not valid.</summary>
    public static Uri? ParseAddress(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("wss" or "ws") && uri.Host.Length > 0 ? uri : null;

    /// <summary>Whether a header can carry the token.</summary>
    public static bool IsHeaderText(string token) => token.Length > 0 && !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        DialResult first = await DialFirstAsync(join, cancellationToken).ConfigureAwait(false);
        if (first.Failure is not null)
            throw first.Failure.ToException();

        // The next connection of a waiting member replaces the old one before that is closed. So no other client can take
        // the place, and the relay does not count a new join.
        WaitingMember member = new(first, join);
        var intervals = new BackOff(_options.RejoinInterval, _options.RejoinInterval);
        try
        {
            while (await member.PairedOrDueAsync(intervals.Next(), _options, cancellationToken).ConfigureAwait(false) is var state and not MemberState.Paired)
            {
                // The other side comes to the relay that was left, if that is back first.
                if (state == MemberState.Displaced)
                    intervals = new BackOff(FirstRejoin, _options.RejoinInterval);
                member = await RenewAsync(member, join, cancellationToken).ConfigureAwait(false);
            }

            return member.Channel;
        }
        catch
        {
            await member.Channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<PortObservation?> ObserveAsync(RoomJoin join, int localPort, CancellationToken cancellationToken)
    {
        foreach (Uri relay in _options.Relays)
        {
            DialResult result = await _dialer.ObserveAsync(relay, join, localPort, cancellationToken).ConfigureAwait(false);
            if (result.Channel is not { } channel)
                continue;
            if (result.First.Seen is { } seen)
                return new PortObservation(seen, channel);
            await channel.DisposeAsync().ConfigureAwait(false);
            return null;
        }

        return null;
    }

    /// <summary>The first attempts. They end with success, with a failure that a retry cannot correct, or with the time for a first join.</summary>
    private async Task<DialResult> DialFirstAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        long start = _options.TimeProvider.GetTimestamp();
        var backOff = new BackOff(FirstBackOff, LongestBackOff);
        DialFailure? last = null;
        try
        {
            while (true)
            {
                DialResult result = await DialAnyAsync(join, cancellationToken).ConfigureAwait(false);
                if (result.Failure is not { } failure || !(failure.BusyFor is not null || (failure.IsTransient && join.OnRetry is not null)))
                    return result;
                TimeSpan pause = backOff.Next();
                TimeSpan delay = failure.BusyFor is { } asked && asked > pause ? asked : pause;
                if (_options.TimeProvider.GetElapsedTime(start) + delay >= _options.FirstJoinTimeout)
                    return result;

                if (failure.Message != last?.Message)
                    join.OnRetry?.Invoke(failure.Error);
                last = failure;
                await DelayAsync(delay, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (last is not null)
        {
            throw Refused(e, last, cancellationToken);
        }
    }

    /// <summary>Joins again until it succeeds. The old connection may be paired in the meantime.</summary>
    private async Task<WaitingMember> RenewAsync(WaitingMember old, RoomJoin join, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<DialResult> dial = RedialAsync(join, old, stop.Token);
        if (await Task.WhenAny(dial, old.PairedTask).ConfigureAwait(false) != dial)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await DiscardAsync(dial).ConfigureAwait(false);
            return old;
        }

        DialResult result = await dial.ConfigureAwait(false);
        if (result.Failure is not null)
            throw result.Failure.ToException();
        await old.Channel.DisposeAsync().ConfigureAwait(false);
        return new WaitingMember(result, join);
    }

    private async Task<DialResult> RedialAsync(RoomJoin join, WaitingMember old, CancellationToken cancellationToken)
    {
        TimeSpan delay = old.IsLost ? BackOff.Vary(PauseAfterLoss) : old.ReconnectAfter;
        var backOff = new BackOff(FirstBackOff, LongestBackOff);
        DialFailure? last = null;
        string? told = null;
        long start = _options.TimeProvider.GetTimestamp();
        try
        {
            while (true)
            {
                await DelayAsync(delay, cancellationToken).ConfigureAwait(false);
                DialResult result = await DialAnyAsync(join, cancellationToken).ConfigureAwait(false);
                if (result.Failure is not { IsPassing: true } failure)
                    return result;

                last = failure;
                if (old.IsLost && failure.Message != told && _options.TimeProvider.GetElapsedTime(start) >= UntoldLoss)
                {
                    told = failure.Message;
                    join.OnRetry?.Invoke(failure.Error);
                }

                TimeSpan pause = backOff.Next();
                delay = failure.RetryAfter is { } asked && asked > pause ? asked : pause;
            }
        }
        catch (OperationCanceledException e) when (last is not null && old.IsLost)
        {
            throw Refused(e, last, cancellationToken);
        }
    }

    // A caller that cancels while the relay does not admit it finds the reason inside the cancellation.
    private static OperationCanceledException Refused(OperationCanceledException e, DialFailure failure, CancellationToken cancellationToken)
        => new(e.Message, failure.Error, cancellationToken);

    private async Task<DialResult> DialAnyAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        var failures = new List<DialFailure>();
        foreach (Uri relay in _options.Relays)
        {
            DialResult result = await _dialer.DialAsync(relay, join, cancellationToken).ConfigureAwait(false);
            // After a refusal the next relay is not tried: the other side waits at this one.
            if (result.Failure is not { } failure || !failure.IsPassing)
                return result;
            failures.Add(failure);
        }

        return new DialResult(Merge(failures));
    }

    private static DialFailure Merge(List<DialFailure> failures)
    {
        DialFailure main = failures.Find(f => f.Code == P2PErrorCode.RelayRefused) ?? failures[0];
        return failures.Count == 1
            ? main
            : main with
            {
                Message = "No relay could be joined: " + string.Join("; ", failures.Select(f => f.Message.TrimEnd('.'))) + ".",
                Hint = failures.Select(f => f.Hint).Distinct(StringComparer.Ordinal).Count() == 1 ? main.Hint : null,
                IsTransient = failures.Exists(f => f.IsTransient),
            };
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
        => delay > TimeSpan.Zero ? Task.Delay(delay, _options.TimeProvider, cancellationToken) : Task.CompletedTask;

    private static async Task DiscardAsync(Task<DialResult> dial)
    {
        try
        {
            if ((await dial.ConfigureAwait(false)).Channel is { } channel)
                await channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The attempt was cancelled before it connected.
        }
    }

    private static void CheckAddress(Uri relay)
    {
        string? problem = !relay.IsAbsoluteUri || relay.Scheme is not ("ws" or "wss" or "http" or "https")
            ? "does not have ws:// or wss:// and a host"
            : relay.UserInfo.Length > 0 ? "contains a user"
            : relay.Query.Length > 0 || relay.Fragment.Length > 0 ? "has a query or a fragment"
            : null;
        if (problem is not null)
        {
            string shown = relay.IsAbsoluteUri ? RelayAddress.Show(relay) : relay.OriginalString;
            throw Invalid(
                $"The relay address {shown} {problem}.",
                relay.IsAbsoluteUri && relay.UserInfo.Length > 0
                    ? "Use `Token` for the relay and `ProxyCredential` for a proxy."
                    : "Use an address such as wss://relay.example.org, wss://relay.example.org/prefix or ws://192.0.2.7:8765.");
        }
    }

    private static P2PException Invalid(string message, string hint) => new(P2PErrorCode.InvalidOption, message) { Hint = hint };
}
