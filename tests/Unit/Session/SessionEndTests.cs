using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Every event in every state.</summary>
public sealed class SessionEndTests : IAsyncDisposable
{
    private readonly SessionEnd _end = new();

    public ValueTask DisposeAsync() => _end.DisposeAsync();

    [Theory]
    [InlineData("", "close", nameof(SessionState.Closing))]
    [InlineData("", "abort", nameof(SessionState.Aborting))]
    [InlineData("", "fail", nameof(SessionState.Failed))]
    [InlineData("", "replace", nameof(SessionState.Replaced))]
    [InlineData("close", "abort", nameof(SessionState.Aborting))]
    [InlineData("close", "fail", nameof(SessionState.Failed))]
    [InlineData("abort", "fail", nameof(SessionState.Failed))]
    public async Task An_allowed_event_changes_the_state(string before, string @event, string after)
    {
        await DoAsync(before);
        Assert.True(await DoAsync(@event));
        Assert.Equal(after, _end.State.ToString());
        Assert.Equal(_end.State is SessionState.Failed or SessionState.Replaced, _end.Ended.IsCancellationRequested);
        Assert.False(_end.NeedsLinks);
    }

    [Theory]
    [InlineData("close", "close", nameof(SessionState.Closing))]
    [InlineData("close", "replace", nameof(SessionState.Closing))]
    [InlineData("abort", "close", nameof(SessionState.Aborting))]
    [InlineData("abort", "abort", nameof(SessionState.Aborting))]
    [InlineData("abort", "replace", nameof(SessionState.Aborting))]
    [InlineData("fail", "close", nameof(SessionState.Failed))]
    [InlineData("fail", "abort", nameof(SessionState.Failed))]
    [InlineData("fail", "fail", nameof(SessionState.Failed))]
    [InlineData("fail", "replace", nameof(SessionState.Failed))]
    [InlineData("replace", "close", nameof(SessionState.Replaced))]
    [InlineData("replace", "abort", nameof(SessionState.Replaced))]
    [InlineData("replace", "fail", nameof(SessionState.Replaced))]
    [InlineData("replace", "replace", nameof(SessionState.Replaced))]
    [InlineData("stop", "close", nameof(SessionState.Open))]
    [InlineData("stop", "abort", nameof(SessionState.Open))]
    [InlineData("stop", "fail", nameof(SessionState.Open))]
    [InlineData("stop", "replace", nameof(SessionState.Open))]
    public async Task Any_other_event_changes_nothing(string before, string @event, string state)
    {
        await DoAsync(before);
        P2PException? failure = _end.Failure;
        Assert.False(await DoAsync(@event));
        Assert.Equal(state, _end.State.ToString());
        Assert.Same(failure, _end.Failure);
    }

    [Fact]
    public void The_first_failure_is_kept()
    {
        var first = new P2PException(P2PErrorCode.ConnectionLost, "first");
        _end.Fail(first);
        _end.Fail(new P2PException(P2PErrorCode.Failure, "second"));
        Assert.Same(first, _end.Failure);
    }

    [Fact]
    public async Task An_abort_waits_for_its_own_delivery_and_not_for_that_of_the_final_message()
    {
        _end.ReportDelivered();
        Assert.False(_end.Delivered.IsCompleted); // open: there is nothing to deliver
        _end.BeginClose();
        Task closing = _end.Delivered;
        _end.BeginAbort(P2PErrorCode.Cancelled, "it was cancelled.");
        await closing;
        Assert.False(_end.Delivered.IsCompleted);
        _end.ReportDelivered();
        await _end.Delivered;
    }

    [Fact]
    public async Task A_successor_is_taken_once_and_then_belongs_to_the_caller()
    {
        PairingResult successor = Successor();
        Assert.True(_end.TryReplace(successor));
        Assert.Same(successor, _end.TakeSuccessor());
        Assert.Null(_end.TakeSuccessor());
        await _end.DisposeAsync();
        Assert.False(LiveKeys.AreCleared(successor.Keys));
        await successor.DisposeAsync();
        Assert.True(LiveKeys.AreCleared(successor.Keys));
    }

    [Fact]
    public async Task A_successor_that_is_not_taken_is_disposed()
    {
        PairingResult successor = Successor();
        _end.TryReplace(successor);
        await _end.DisposeAsync();
        Assert.True(LiveKeys.AreCleared(successor.Keys));
    }

    private async Task<bool> DoAsync(string @event)
    {
        switch (@event)
        {
            case "close":
                return _end.BeginClose();
            case "abort":
                return _end.BeginAbort(P2PErrorCode.Failure, "it failed.");
            case "fail":
                return _end.Fail(new P2PException(P2PErrorCode.Failure, "It failed."));
            case "stop":
                return _end.Stop();
            case "replace":
                PairingResult successor = Successor();
                bool isTaken = _end.TryReplace(successor);
                if (!isTaken)
                    await successor.DisposeAsync();
                return isTaken;
            default:
                return true;
        }
    }

    private static PairingResult Successor()
    {
        var keys = new SessionKeys([1, .. new byte[31]]);
        byte[] nonce = new byte[16];
        RecordKeys Records(PeerRole role) => keys.Records(LinkPurpose.Pair, role, 0, nonce, nonce);
        var link = new SecureLink(new ChannelPair().Left, Records(PeerRole.Send), Records(PeerRole.Receive), 0, true, TimeProvider.System);
        return new PairingResult(keys, link, Hello.Own(PeerRole.Send, true, null), Hello.Own(PeerRole.Receive, true, null));
    }
}
