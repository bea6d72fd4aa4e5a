using System.Net.WebSockets;

namespace P2PCopy.Transport;

/// <summary>The next step of a waiting member.</summary>
internal enum MemberState
{
    /// <summary>The other side is in the room.</summary>
    Paired,

    /// <summary>Join again, probably at the same relay: the interval is over.</summary>
    Due,

    /// <summary>Join again, probably at another relay: this one drains or does not answer, or the connection was lost.</summary>
    Displaced,
}

/// <summary>A joined connection that waits for the other side, and the hints of its relay.</summary>
internal sealed class WaitingMember
{
    // Without an answer only a new join follows, and this connection stays until that succeeds: a slow answer costs little.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    // Completes with Paired when paired, with Displaced when this connection has ended.
    private readonly Task<MemberState> _hints;

    // Completes when the relay drains: the connection still works, but a new one is needed.
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Completes only when paired, so that a lost connection does not end a renewal.
    private readonly TaskCompletionSource _paired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingMember(DialResult joined, RoomJoin join)
    {
        Channel = joined.Channel!;
        Channel.BeginProbes();
        _hints = FollowAsync(joined.First, join);
    }

    public WebSocketChannel Channel { get; }

    /// <summary>Whether this connection ended.</summary>
    public bool IsLost => _hints.IsCompleted;

    /// <summary>The time that the relay asked to wait before joining again.</summary>
    public TimeSpan ReconnectAfter { get; private set; }

    /// <summary>Completes when this connection is paired, otherwise never.</summary>
    public Task PairedTask => _paired.Task;

    /// <summary>Waits until this connection is paired or a new one is due.</summary>
    public async Task<MemberState> PairedOrDueAsync(TimeSpan interval, RelayConnectorOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task due = Task.Delay(interval, options.TimeProvider, stop.Token);
        Task silent = ProbeAsync(options, stop.Token);
        Task first = await Task.WhenAny(_hints, _draining.Task, due, silent).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await silent.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_hints.IsCompleted)
            return first == due ? MemberState.Due : MemberState.Displaced;
        Channel.EndProbes();
        return await _hints.ConfigureAwait(false);
    }

    /// <summary>Completes when the relay does not answer: a middlebox may have forgotten the connection without closing it.</summary>
    private async Task ProbeAsync(RelayConnectorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                await Task.Delay(options.ProbeInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            while (await Channel.ProbeAsync(ProbeTimeout, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The wait has ended.
        }
    }

    private async Task<MemberState> FollowAsync(RelayHint hint, RoomJoin join)
    {
        try
        {
            while (true)
            {
                switch (hint.Kind)
                {
                    case RelayHintKind.Waiting:
                        join.OnWaiting?.Invoke();
                        break;
                    case RelayHintKind.Draining:
                        ReconnectAfter = hint.ReconnectAfter;
                        _draining.TrySetResult();
                        break;
                    case RelayHintKind.Paired:
                        _paired.TrySetResult();
                        return MemberState.Paired;
                }

                // Disposing the channel ends the receive. Cancelling it would reset the connection.
                hint = await Channel.ReceiveHintAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ChannelClosedException e)
        {
            // After a limit or a violated rule the next attempt would end in the same way.
            if (Channel.CloseStatus is RelayProtocol.LimitReached or WebSocketCloseStatus.PolicyViolation)
                throw new P2PException(P2PErrorCode.RelayRefused, $"The relay ended the wait: {Channel.CloseReason}", e);
            return MemberState.Displaced;
        }
    }
}
