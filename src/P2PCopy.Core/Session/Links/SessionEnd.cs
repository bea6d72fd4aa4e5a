using P2PCopy.Session.Pairing;

namespace P2PCopy.Session.Links;

/// <summary>The states of a session; <see cref="SessionEnd"/> has the transitions.</summary>
internal enum SessionState
{
    /// <summary>Links run. A lost link is replaced.</summary>
    Open,

    /// <summary>This side has sent its final control message. A link that ends is not replaced.</summary>
    Closing,

    /// <summary>This side ends with an error. Every link sends the abort record and ends.</summary>
    Aborting,

    /// <summary>The other program was restarted, and a new pairing continues the transfer.</summary>
    Replaced,

    /// <summary>The session ended with an error.</summary>
    Failed,
}

/// <summary>How a session ends. Safe from any thread.</summary>
/// <remarks>
/// <code>
///                 BeginClose               BeginAbort
///         OPEN ───────────────▶ CLOSING ───────────────▶ ABORTING
///         │ │ │                    │                      ▲   │
///         │ │ └────────────────────│──────────────────────┘   │
///         │ │                BeginAbort                       │
///         │ │ Fail                 │ Fail                     │ Fail
///         │ └──────────────────────┴──────────▶ FAILED ◀──────┘
///         │ TryReplace
///         └────────────────────────────────▶ REPLACED
/// </code>
/// Every other event leaves the state as it is and returns false. REPLACED and FAILED are final, and cancel
/// <see cref="Ended"/>. <see cref="Stop"/> cancels it in any state, and makes that state final: a session that stops in
/// OPEN or CLOSING ended without an error.
/// </remarks>
internal sealed class SessionEnd : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private TaskCompletionSource _delivered = NewSignal();
    private SessionState _state = SessionState.Open;
    private byte[]? _abortRecord;
    private P2PException? _failure;
    private PairingResult? _successor;
    private int _sending; // links that send

    /// <summary>The state.</summary>
    public SessionState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether a lost link is replaced.</summary>
    public bool NeedsLinks
    {
        get
        {
            lock (_lock)
                return _state == SessionState.Open && !_ended.IsCancellationRequested;
        }
    }

    /// <summary>The error; null in every state but <see cref="SessionState.Failed"/>.</summary>
    public P2PException? Failure
    {
        get
        {
            lock (_lock)
                return _failure;
        }
    }

    /// <summary>The record that every link sends before it ends; null before <see cref="BeginAbort"/>.</summary>
    public byte[]? AbortRecord
    {
        get
        {
            lock (_lock)
                return _abortRecord;
        }
    }

    /// <summary>Completes when the other side has the final message or the abort record, or no link can send it.</summary>
    public Task Delivered
    {
        get
        {
            lock (_lock)
                return _delivered.Task;
        }
    }

    /// <summary>Notes that this side has sent its final control message.</summary>
    public bool BeginClose() => Move(SessionState.Closing, from => from is SessionState.Open);

    /// <summary>Ends this side with an error, which is sent to the other side.</summary>
    public bool BeginAbort(P2PErrorCode code, string message)
        => Move(SessionState.Aborting, from => from is SessionState.Open or SessionState.Closing, () =>
        {
            _abortRecord = Messages.AbortRecord.Encode(code, message);
            _delivered.TrySetResult();
            _delivered = NewSignal(); // the abort record is not delivered yet
        });

    /// <summary>Ends the session with an error.</summary>
    public bool Fail(P2PException failure)
        => Move(SessionState.Failed, from => from is SessionState.Open or SessionState.Closing or SessionState.Aborting, () => _failure = failure)
            && Stop();

    /// <summary>A new pairing continues the transfer.</summary>
    /// <param name="successor">On true this object owns it until <see cref="TakeSuccessor"/>; on false the caller still does.</param>
    public bool TryReplace(PairingResult successor)
        => Move(SessionState.Replaced, from => from is SessionState.Open, () => _successor = successor)
            && Stop();

    /// <summary>The new pairing; it is returned once. The caller owns it.</summary>
    public PairingResult? TakeSuccessor()
    {
        lock (_lock)
        {
            PairingResult? successor = _successor;
            _successor = null;
            return successor;
        }
    }

    /// <summary>Notes that the other side has the final message or the abort record, or that no link can send it.</summary>
    public void ReportDelivered()
    {
        lock (_lock)
        {
            if (_state is SessionState.Closing or SessionState.Aborting)
                _delivered.TrySetResult();
        }
    }

    /// <summary>A link begins to send.</summary>
    public void BeginSending()
    {
        lock (_lock)
            _sending++;
    }

    /// <summary>
    /// A link does not send any more. One link is enough to deliver the final message, which the other side acknowledges. An
    /// abort record counts as delivered when no link has to send it: the first to do so may be silent, and lose it.
    /// </summary>
    /// <param name="isComplete">It has sent everything.</param>
    public void EndSending(bool isComplete)
    {
        lock (_lock)
        {
            if (--_sending == 0 || (isComplete && _state == SessionState.Closing))
                ReportDelivered();
        }
    }

    /// <summary>Ends the session and keeps its state.</summary>
    public bool Stop()
    {
        // Cancel would run continuations here, and the caller may be one of the tasks that the token stops.
        _ = _ended.CancelAsync();
        return true;
    }

    /// <summary>Stops, and disposes a successor that was not taken.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        if (TakeSuccessor() is { } successor)
            await successor.DisposeAsync().ConfigureAwait(false);
    }

    private bool Move(SessionState to, Predicate<SessionState> isAllowed, Action? onMove = null)
    {
        lock (_lock)
        {
            if (_ended.IsCancellationRequested || !isAllowed(_state))
                return false;
            _state = to;
            onMove?.Invoke();
            return true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
