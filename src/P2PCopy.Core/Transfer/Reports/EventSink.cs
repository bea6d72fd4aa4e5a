using System.Net;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Transfer.Reports;

/// <summary>Passes events to the caller one at a time, and keeps the meter's phase in step with the connection.</summary>
internal sealed class EventSink(Action<TransferEvent>? handler, TransferMeter meter) : ISessionObserver
{
    private readonly Lock _lock = new();
    private TransferPhase _phaseBefore;
    private int _isWaiting; // reported once, because a waiting side joins again regularly

    /// <summary>Whether the relay has admitted this side, for this transfer.</summary>
    public bool HasJoined { get; private set; }

    /// <summary>Admits rooms at an embedded relay.</summary>
    public Action<IEnumerable<string>>? AdmitRooms { get; set; }

    public void Raise(TransferEvent what)
    {
        if (handler is null)
            return;
        lock (_lock)
            handler(what);
    }

    public void Warn(string message, string? hint = null) => Raise(new TransferEvent.Warning(message, hint));

    void ISessionObserver.Waiting()
    {
        HasJoined = true;
        if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
            Raise(new TransferEvent.Waiting());
    }

    void ISessionObserver.JoinFailed(P2PException reason)
    {
        Volatile.Write(ref _isWaiting, 0); // the next wait is told again
        Warn($"{reason.Message} Trying again.", reason.Hint);
    }

    void ISessionObserver.WrongCode(int attempts, TimeSpan backOff) => Raise(new TransferEvent.WrongCode(attempts, backOff));

    void ISessionObserver.Paired()
    {
        HasJoined = true;
        Volatile.Write(ref _isWaiting, 0);
        meter.Phase = TransferPhase.Offering;
        Raise(new TransferEvent.Paired());
    }

    void ISessionObserver.Reconnecting(string reason)
    {
        _phaseBefore = meter.Phase;
        meter.Phase = TransferPhase.Reconnecting;
        Raise(new TransferEvent.Reconnecting(reason));
    }

    void ISessionObserver.Reconnected()
    {
        meter.Phase = _phaseBefore;
        Raise(new TransferEvent.Reconnected());
    }

    void ISessionObserver.PathChanged(IPAddress? direct) => Raise(new TransferEvent.PathChanged(direct));

    void ISessionObserver.Dialling(IPEndPoint address) => Raise(new TransferEvent.Dialling(address));

    void ISessionObserver.DirectFailed(string reason) => Warn(reason);

    void ISessionObserver.RoomsNeeded(IEnumerable<string> rooms) => AdmitRooms?.Invoke(rooms);
}
