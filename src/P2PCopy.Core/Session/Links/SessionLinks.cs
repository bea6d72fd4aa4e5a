using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Session.Links;

/// <summary>
/// The connections of a session: runs one link for each stream for as long as the session lives, and finds a new one when
/// one is lost. Stream 0 carries the session: its loss is told, and its end ends the session.
/// </summary>
internal sealed class SessionLinks(PeerSession session, Reconnector reconnector)
{
    private readonly Lock _lock = new();
    private readonly LinkRunner?[] _links = new LinkRunner?[PeerSession.MaxStreams]; // by stream, null where none is up
    private readonly List<Task> _streams = [];
    private int _count;
    private int _streamCount = 1;
    private bool _announceReconnect;
    private long _progressAtLoss = -1;
    private long _firstLoss;

    /// <summary>How often the connection of stream 0 was lost and found again.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Links that are up.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins with the link of the pairing.</summary>
    public void Start(SecureLink first)
    {
        lock (_lock)
            _streams.Add(RunMainStreamAsync(first));
    }

    /// <summary>Opens further streams up to <paramref name="count"/> in all; fewer than there are changes nothing.</summary>
    public void Open(int count)
    {
        lock (_lock)
        {
            for (; _streamCount < Math.Min(count, PeerSession.MaxStreams) && !session.Ended.IsCancellationRequested; _streamCount++)
                _streams.Add(RunFurtherStreamAsync(_streamCount));
        }
    }

    /// <summary>Something may be due.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            foreach (LinkRunner? link in _links)
                link?.Wake();
        }
    }

    /// <summary>Completes when nothing runs any more; the session must have ended.</summary>
    public async Task StoppedAsync()
    {
        Task[] streams;
        lock (_lock)
            streams = [.. _streams];
        await Task.WhenAll(streams).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunMainStreamAsync(SecureLink first)
    {
        SecureLink? link = first;
        try
        {
            while (true)
            {
                string reason = await RunLinkAsync(0, link).ConfigureAwait(false);
                if (session.IsOver())
                    return;
                if (IsGivenUp())
                    throw Reconnector.Lost(session.Context, reason);

                _announceReconnect = true;
                session.Context.Observer.Reconnecting(reason);
                (link, PairingResult? successor) = await reconnector.ReconnectAsync(reason, session.Ended).ConfigureAwait(false);
                if (link is null)
                {
                    await session.GiveWayAsync(successor!).ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the session ended
        }
        catch (Exception e)
        {
            // Also a defect here, or in what the caller gave us: nobody else would look for the peer any more.
            session.Fail(P2PException.Of(e));
        }
        finally
        {
            session.MainStreamEnded();
        }
    }

    /// <summary>
    /// A connection that comes back only to be lost again before anything got through, at a relay that allows too little
    /// for instance, is not endured for longer than one that does not come back.
    /// </summary>
    private bool IsGivenUp()
    {
        TimeProvider time = session.Context.TimeProvider;
        long progress = session.MeasureProgress();
        if (progress != _progressAtLoss)
        {
            _progressAtLoss = progress;
            _firstLoss = time.GetTimestamp();
            return false;
        }

        return time.GetElapsedTime(_firstLoss) >= session.Context.RetryTimeout;
    }

    private async Task RunFurtherStreamAsync(int stream)
    {
        try
        {
            while (!session.Ended.IsCancellationRequested)
            {
                if (session.Stragglers.Rest(stream) is { Ticks: > 0 } rest)
                    await Task.Delay(rest, session.Context.TimeProvider, session.Ended).ConfigureAwait(false);

                // A further stream that is lost is no event: its chunks go over the others while it is looked for.
                using var deadline = new CancellationTokenSource(session.Context.RetryTimeout, session.Context.TimeProvider);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, session.Ended);
                SecureLink link = await reconnector.RejoinAsync(stream, either.Token).ConfigureAwait(false);
                await RunLinkAsync(stream, link).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // the session ended, or the stream could not be had
        }
    }

    private async Task<string> RunLinkAsync(int stream, SecureLink link)
    {
        var runner = new LinkRunner(session, link, stream, () => LinkIsUp(stream));
        Set(stream, runner);
        try
        {
            return await runner.RunAsync(session.Ended).ConfigureAwait(false);
        }
        finally
        {
            Set(stream, null);
            session.Window.Requeue(stream);
            Wake();
        }
    }

    private void Set(int stream, LinkRunner? runner)
    {
        lock (_lock)
        {
            _links[stream] = runner;
            _count += runner is null ? -1 : 1;
        }
    }

    private void LinkIsUp(int stream)
    {
        if (stream != 0 || !_announceReconnect)
            return;
        _announceReconnect = false;
        Reconnects++;
        session.Context.Observer.Reconnected();
    }
}
