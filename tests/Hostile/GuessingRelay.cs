using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Hostile;

/// <summary>
/// A relay that guesses at the code during a transfer. It cuts the session's link, waits until one side joins the code room
/// as a survivor, reads this side's confirmation for one guess, and then lets the session reconnect in its own room, which
/// cancels the pairing before it ends.
/// </summary>
/// <param name="code">The code of the session; the relay uses only its route.</param>
/// <param name="victim">The side whose confirmations it collects.</param>
/// <param name="patience">How long it keeps the session apart when the victim does not come.</param>
internal sealed class GuessingRelay(PairingCode code, PeerRole victim, TimeSpan patience) : IRoomConnector
{
    private readonly MemoryRelay _relay = new();
    private readonly Lock _lock = new();
    private readonly List<Task> _attackers = [];
    private TaskCompletionSource? _apart;
    private bool _hasSession;
    private int _rounds;
    private int _confirmations;
    private int _sinceCut;

    /// <summary>Confirmations of the victim that the relay has read: as many guesses it could check.</summary>
    public int Confirmations => Volatile.Read(ref _confirmations);

    /// <summary>How often it cut the link.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>How often it will cut the link.</summary>
    public int MaximumRounds { get; init; } = 8;

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        TaskCompletionSource? apart;
        lock (_lock)
        {
            _relay.OnMessage = CutAfterProgress;
            apart = _apart;
        }

        if (join.Room != code.RoomName)
        {
            _hasSession = true;
            if (apart is not null)
                await apart.Task.WaitAsync(cancellationToken);
            return await _relay.JoinAsync(join, cancellationToken);
        }

        if (!_hasSession)
            return await _relay.JoinAsync(join, cancellationToken);
        if (apart is null || join.Role != victim)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException();
        }

        var pair = new ChannelPair();
        lock (_lock)
            _attackers.Add(GuessAsync(pair.Right, apart));
        return pair.Left;
    }

    private IReadOnlyList<byte[]>? CutAfterProgress(RelayedMessage message)
    {
        lock (_lock)
        {
            if (message.Room == code.RoomName && !_hasSession && message.Number < 12)
                return [message.Bytes]; // the pairing itself
            if (++_sinceCut < 7 || _rounds >= MaximumRounds || _apart is { Task.IsCompleted: false })
                return [message.Bytes];
            _sinceCut = 0;
            _rounds++;
            _hasSession = true;
            var apart = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _apart = apart;
            _ = Task.Delay(patience).ContinueWith(_ => apart.TrySetResult(), TaskScheduler.Default);
            return null;
        }
    }

    /// <summary>One guess. The channel stays open, so that nothing but the cancellation ends the victim's pairing.</summary>
    private async Task GuessAsync(IMessageChannel channel, TaskCompletionSource apart)
    {
        byte[] buffer = new byte[Hello.MaximumLength];
        PeerRole role = victim == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;
        Hello own = Hello.Own(role, encryptPayload: true);
        byte[] ownHello = own.Encode();
        await channel.SendAsync(ownHello, default);
        byte[] peerHello = buffer[..await channel.ReceiveAsync(buffer, default)];
        Hello peer = Hello.Parse(peerHello, ProtocolVersion.Current);
        byte[] sessionId = role == PeerRole.Send ? [.. own.Nonce, .. peer.Nonce] : [.. peer.Nonce, .. own.Nonce];
        using CPace run = CPace.Start(LengthValue.Part("a-guess"), PairingHandshake.ChannelId(code), sessionId);
        await channel.SendAsync(run.Share, default);
        await channel.ReceiveAsync(buffer, default);
        if (await channel.ReceiveAsync(buffer, default) == 32)
            Interlocked.Increment(ref _confirmations);
        apart.TrySetResult();
    }
}
