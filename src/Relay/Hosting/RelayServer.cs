using System.Net;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Options;

namespace P2PCopy;

/// <summary>
/// A relay: pairs two WebSocket connections by room and forwards bytes between them. It stores nothing and cannot read the data.
/// Safe to use from any thread.
/// </summary>
public sealed class RelayServer : IAsyncDisposable
{
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(1);

    private readonly RelayHub _hub;
    private readonly OpenConnections _connections = new();
    private readonly List<RelayListener> _listeners = [];
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _hurry = new();
    private Task[] _accepting = [];
    private Task? _stopping;
    private bool _hasStarted;

    private RelayServer(RelayHub hub) => _hub = hub;

    /// <summary>
    /// The addresses for clients on this machine, one for each listener, in their order: <c>ws://127.0.0.1:8765</c>,
    /// <c>unix:/path</c>.
    /// </summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>The address of the metrics listener; null without one.</summary>
    public Uri? MetricsAddress { get; private set; }

    /// <summary>The state of the relay, for tests and benchmarks.</summary>
    internal RelayHub Hub => _hub;

    /// <summary>Connections whose work has not ended.</summary>
    internal int OpenConnectionCount => _connections.Count;

    /// <summary>The endpoints that are bound, one for each listener.</summary>
    internal IEnumerable<EndPoint?> LocalEndPoints => _listeners.Select(l => l.LocalEndPoint);

    /// <summary>Checks the options, binds every listener and begins to accept.</summary>
    /// <param name="options">Where to listen, and the limits.</param>
    /// <param name="cancellationToken">Cancels the start; <see cref="StopAsync"/> stops a running relay.</param>
    /// <returns>The running relay.</returns>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.InvalidOption"/>: an option cannot be used; <see cref="P2PErrorCode.Failure"/>: an address
    /// could not be bound.
    /// </exception>
    public static async Task<RelayServer> StartAsync(RelayOptions options, CancellationToken cancellationToken = default)
    {
        RelayOptionsCheck.Check(options);
        cancellationToken.ThrowIfCancellationRequested();
        var server = new RelayServer(new RelayHub(options));
        try
        {
            server.Start();
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Drains and stops: refuses joins, tells every client to join again, and gives running pairs
    /// <see cref="RelayOptions.DrainTimeout"/> to end. Meanwhile <c>/readyz</c> answers 503. May be called more than once;
    /// each call waits for the end.
    /// </summary>
    /// <param name="cancellationToken">Ends the drain: remaining pairs are closed at once.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        Task stopping;
        lock (_lock)
            stopping = _stopping ??= StopOnceAsync();
        using (cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _hurry))
            await stopping.ConfigureAwait(false);
    }

    /// <summary>Stops without a drain.</summary>
    public async ValueTask DisposeAsync()
    {
        await _hurry.CancelAsync().ConfigureAwait(false);
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private void Start()
    {
        RelayOptions options = _hub.Options;
        WatchedFile<ServerCertificate>? certificate = options.Certificate is { } file
            ? new(options.Key is { } key ? [file, key] : [file], () => ServerCertificate.Read(file, options.Key), e => _hub.Events.Reloaded("certificate", e), _hub.Clock)
            : null;
        _hub.Certificate = certificate;
        foreach (string address in options.Listen)
        {
            foreach (ListenSocket socket in address == ActivatedSockets.Name ? ActivatedSockets.Take() : [ListenAddress.Parse(address).Listen()])
                _listeners.Add(new RelayListener(_hub, socket, certificate, _connections, isMetrics: false));
        }

        Addresses = [.. _listeners.Select(l => l.Address)];
        if (options.MetricsListen is { } metrics)
        {
            var listener = new RelayListener(_hub, ListenAddress.Parse(metrics).Listen(), null, _connections, isMetrics: true);
            _listeners.Add(listener);
            MetricsAddress = new UriBuilder(listener.Address) { Scheme = "http", Path = "/metrics" }.Uri;
        }

        _accepting = [.. _listeners.Select(l => l.AcceptAsync(l.OutlivesProcess ? _draining.Token : _stopAccepting.Token))];
        _hub.Events.Add(new RelayEvent.Started(Addresses));
        _hasStarted = true;
        if (_hub.Admission.MaxConnections < options.MaxConnections)
            _hub.Events.Add(new RelayEvent.Limited(_hub.Admission.MaxConnections, options.MaxConnections));
    }

    private async Task StopOnceAsync()
    {
        // Connections that come now wait in the socket for the next process, instead of being refused by this one.
        await _draining.CancelAsync().ConfigureAwait(false);
        if (_hasStarted)
            _hub.Events.Add(new RelayEvent.Stopping(_hub.MemberCount));
        _hub.Admission.Drain();
        _connections.EndPending();
        if (!_hurry.IsCancellationRequested)
            await DrainAsync().ConfigureAwait(false);

        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        foreach (RelayListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_accepting).ConfigureAwait(false);

        // Every client gets the reason, but a client that does not close cannot delay the stop.
        Task gone = _connections.WhenEmptyAsync();
        _ = _hub.Services.EndAllAsync();
        if (!_hurry.IsCancellationRequested || _hub.MemberCount > 0)
            await Task.WhenAny(gone, Task.Delay(CloseTime, _hub.Clock)).ConfigureAwait(false);
        _hub.Services.AbortAll();
        _connections.AbortAll();
        await gone.ConfigureAwait(false);
        _hub.Dispose();
        if (_hasStarted)
            _hub.Events.Add(new RelayEvent.Stopped());
    }

    private async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(_hub.Options.DrainTimeout, _hub.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry.Token);
        try
        {
            await _hub.DrainAsync().WaitAsync(both.Token).ConfigureAwait(false);
            // Waiting clients have their hint; only running pairs are worth the wait.
            await _hub.Rooms.WhenNoPairsAsync().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The drain time is over, or the caller ended the drain.
        }
    }
}
