using System.Net.WebSockets;
using P2PCopy.Primitives;

namespace P2PCopy.Transport;

/// <summary>What a waiting member has to do next.</summary>
internal enum MemberState
{
    /// <summary>The other side is there.</summary>
    Paired,

    /// <summary>It is time to join again: the interval is over, the relay drains, or the connection was lost.</summary>
    Due,
}

/// <summary>One joined connection that waits for its pair, and what its relay has told it so far.</summary>
internal sealed class WaitingMember
{
    // Completes with Paired when the pair is there; with Due when this connection is of no use any more.
    private readonly Task<MemberState> _hints;

    // Completes when the relay says that it drains: the connection is still good, but a new one is wanted.
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Never completes unless paired, so that a lost connection does not end a renewal.
    private readonly TaskCompletionSource _paired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingMember(DialResult joined, RoomJoin join)
    {
        Channel = joined.Channel!;
        _hints = FollowAsync(joined.First, join);
    }

    public WebSocketChannel Channel { get; }

    /// <summary>Whether this connection ended.</summary>
    public bool IsLost => _hints.IsCompleted;

    /// <summary>How long the relay asked to wait before joining again.</summary>
    public TimeSpan ReconnectAfter { get; private set; }

    /// <summary>Completes when this connection is paired, and never if it is not.</summary>
    public Task PairedTask => _paired.Task;

    /// <summary>Waits until this connection is paired or a new one is due.</summary>
    public async Task<MemberState> PairedOrDueAsync(RelayConnectorOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task due = Task.Delay(BackOff.Vary(options.RejoinInterval), options.TimeProvider, stop.Token);
        await Task.WhenAny(_hints, _draining.Task, due).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return _hints.IsCompleted ? await _hints.ConfigureAwait(false) : MemberState.Due;
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

                // Ends without a token when the channel is disposed: cancelling a receive would reset the connection.
                hint = await Channel.ReceiveHintAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ChannelClosedException e)
        {
            // A limit or a broken rule will not be better at the next attempt; every other end will.
            if (Channel.CloseStatus is RelayProtocol.LimitReached or WebSocketCloseStatus.PolicyViolation)
                throw new P2PException(P2PErrorCode.RelayRefused, $"The relay ended the wait: {Channel.CloseReason}", e);
            return MemberState.Due;
        }
    }
}
