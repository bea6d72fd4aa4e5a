using P2PCopy.Simulation.World;
using P2PCopy.Transport;

namespace P2PCopy.Simulation.Network;

/// <summary>
/// One direction of a connection. Messages arrive in order, later than they were sent. What is sent
/// while it is swallowed never arrives, and nobody is told.
/// </summary>
internal sealed class Wire(Universe universe, Line line)
{
    private readonly Queue<(byte[] Message, TimeSpan Due)> _inFlight = new();
    private readonly Queue<byte[]> _arrived = new();
    private readonly List<TaskCompletionSource> _senders = [];
    private TaskCompletionSource? _receiver;
    private ITimer? _pump;
    private TimeSpan _lastDue;
    private TimeSpan _freeAt; // messages leave one after the other
    private bool _isCutForSender;
    private bool _isCutForReader;
    private bool _isClosing;
    private bool _isDiscarding;
    private bool _isSwallowed;
    private int _load;

    /// <summary>Whether the receiving end can know that nothing more arrives.</summary>
    public bool IsEnded => _isCutForReader || (_isClosing && _inFlight.Count == 0 && !_isSwallowed);

    /// <summary>Whether the connection was lost and not closed in order.</summary>
    public bool IsReset => _isCutForReader;

    /// <summary>Bytes of all messages so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Nothing arrives any more.</summary>
    public void Swallow()
    {
        _isSwallowed = true;
        _inFlight.Clear();
    }

    public async Task SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        while (_load > 0 && _load + message.Length > line.Capacity && !_isCutForSender)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _senders.Add(room);
            await room.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_isCutForSender || _isClosing)
            throw Lost();
        Bytes += message.Length;
        _load += message.Length;
        if (_isSwallowed)
            return;
        _freeAt = Max(_freeAt, universe.Clock.Now) + line.Transmission(message.Length);
        TimeSpan due = _freeAt + line.Delay(universe.Chance, 0);
        if (due < _lastDue)
            due = _lastDue;
        _lastDue = due;
        _inFlight.Enqueue((message, due));
        Pump();
    }

    public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_arrived.TryDequeue(out byte[]? message))
            {
                Unload(message.Length);
                return message;
            }

            if (IsEnded)
                throw Lost();
            _receiver ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _receiver.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing more is sent; what was sent still arrives.</summary>
    public void Close()
    {
        if (_isClosing || _isCutForSender)
            return;
        _isClosing = true;
        WakeSenders();
        if (_inFlight.Count == 0 && !_isSwallowed)
            Timers.Start(universe, line.Delay(universe.Chance, 0), WakeReceiver);
    }

    /// <summary>The connection is gone; what is under way is lost.</summary>
    /// <param name="by">The end that ended it. The other one notices unless the network swallows everything.</param>
    public void Cut(WireEnd by)
    {
        _isCutForSender |= by != WireEnd.Reader || !_isSwallowed;
        _isCutForReader |= by != WireEnd.Sender || !_isSwallowed;
        _inFlight.Clear();
        WakeSenders();
        WakeReceiver();
    }

    /// <summary>What arrives is thrown away.</summary>
    public void Discard()
    {
        _isDiscarding = true;
        while (_arrived.TryDequeue(out byte[]? message))
            Unload(message.Length);
    }

    private void Pump()
    {
        if (_inFlight.Count == 0 || _pump is not null)
            return;
        _pump = Timers.Start(universe, Max(_inFlight.Peek().Due - universe.Clock.Now, TimeSpan.Zero), Arrive);
    }

    private void Arrive()
    {
        _pump?.Dispose();
        _pump = null;
        while (_inFlight.TryPeek(out var next) && next.Due <= universe.Clock.Now)
        {
            _inFlight.Dequeue();
            if (_isDiscarding)
                Unload(next.Message.Length);
            else
                _arrived.Enqueue(next.Message);
        }

        WakeReceiver();
        Pump();
    }

    private void Unload(int length)
    {
        _load -= length;
        WakeSenders();
    }

    private void WakeSenders()
    {
        foreach (TaskCompletionSource sender in _senders)
            sender.TrySetResult();
        _senders.Clear();
    }

    private void WakeReceiver()
    {
        _receiver?.TrySetResult();
        _receiver = null;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static ChannelClosedException Lost() => new("The connection was lost.");
}

/// <summary>Who ends a connection.</summary>
internal enum WireEnd
{
    Sender,
    Reader,
    Network,
}
