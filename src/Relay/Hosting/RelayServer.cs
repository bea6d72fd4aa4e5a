using System.Net;
using System.Net.Security;
using P2PCopy.Relay.Hosting;

namespace P2PCopy;

/// <summary>
/// A relay: pairs two WebSocket connections by room and copies bytes between them. It stores nothing and can read
/// nothing. Safe to use from any thread.
/// </summary>
public sealed class RelayServer : IAsyncDisposable
{
    private static readonly TimeSpan s_closeTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_drainPoll = TimeSpan.FromMilliseconds(100);

    private readonly RelayHub _hub;
    private readonly OpenConnections _connections = new();
    private readonly List<RelayListener> _listeners = [];
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _hurry = new();
    private Task[] _accepting = [];
    private Task? _stopping;

    private RelayServer(RelayHub hub) => _hub = hub;

    /// <summary>
    /// What a client on this machine dials, one for each listener, in their order: <c>ws://127.0.0.1:8765</c>,
    /// <c>unix:/path</c>.
    /// </summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>The address of the metrics listener; null without one.</summary>
    public Uri? MetricsAddress { get; private set; }

    /// <summary>What the relay holds and has done, for tests and benchmarks.</summary>
    internal RelayHub Hub => _hub;

    /// <summary>Connections whose work has not ended.</summary>
    internal int OpenConnectionCount => _connections.Count;

    /// <summary>The endpoints that are bound, one for each listener.</summary>
    internal IEnumerable<EndPoint?> LocalEndPoints => _listeners.Select(l => l.LocalEndPoint);

    /// <summary>Checks the options, binds every listener and begins to accept.</summary>
    /// <param name="options">Where and within which limits.</param>
    /// <param name="cancellationToken">Cancels the start; a relay that runs is ended with <see cref="StopAsync"/>.</param>
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
    /// Stops: accepts nothing more, tells every client to join again, and gives running pairs
    /// <see cref="RelayOptions.DrainTimeoutSeconds"/> to end. May be called more than once; each call waits for the end.
    /// </summary>
    /// <param name="cancellationToken">Cuts the drain short: what still runs is ended at once.</param>
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
        WatchedFile<SslStreamCertificateContext>? certificate = options.Certificate is { } file
            ? new(options.Key is { } key ? [file, key] : [file], () => ServerCertificate.Read(file, options.Key), e => _hub.Log.Reloaded("certificate", e), _hub.Clock)
            : null;
        foreach (string address in options.Listen)
            _listeners.Add(new RelayListener(_hub, ListenAddress.Parse(address), certificate, _connections, isMetrics: false));
        Addresses = [.. _listeners.Select(l => l.Address)];
        if (options.MetricsListen is { } metrics)
        {
            var listener = new RelayListener(_hub, ListenAddress.Parse(metrics), null, _connections, isMetrics: true);
            _listeners.Add(listener);
            MetricsAddress = new UriBuilder(listener.Address) { Scheme = "http", Path = "/metrics" }.Uri;
        }

        _accepting = [.. _listeners.Select(l => l.AcceptAsync(_stopAccepting.Token))];
        _hub.Log.Started(Addresses);
    }

    private async Task StopOnceAsync()
    {
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        foreach (RelayListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_accepting).ConfigureAwait(false);

        _hub.Log.Stopping(_hub.MemberCount);
        Task gone = _connections.StopAsync();
        if (!_hurry.IsCancellationRequested)
            await DrainAsync(gone).ConfigureAwait(false);

        // Told why, then cut off: a client that does not listen cannot hold the stop up.
        _ = _hub.EndAllAsync();
        if (!_hurry.IsCancellationRequested || _hub.MemberCount > 0)
            await Task.WhenAny(gone, Task.Delay(s_closeTime)).ConfigureAwait(false);
        _hub.AbortAll();
        _connections.AbortAll();
        await gone.ConfigureAwait(false);
        _hub.Dispose();
        _hub.Log.Stopped();
    }

    private async Task DrainAsync(Task gone)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_hub.Options.DrainTimeoutSeconds), _hub.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry.Token);
        try
        {
            await _hub.DrainAsync().WaitAsync(both.Token).ConfigureAwait(false);
            // Those who wait have been told; only pairs are worth waiting for.
            while (_hub.Rooms.Pairs > 0 && !gone.IsCompleted)
                await Task.Delay(s_drainPoll, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The drain time is over, or somebody is in a hurry.
        }
    }
}
