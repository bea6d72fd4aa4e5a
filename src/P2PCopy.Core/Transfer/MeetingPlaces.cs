using P2PCopy.Session.Discovery;
using P2PCopy.Transport;

namespace P2PCopy.Transfer;

/// <summary>
/// The relays at which a transfer meets the other side: those of its options, the one in this process, and those that discovery finds. It
/// owns the relay in this process and what answers for it.
/// </summary>
internal sealed class MeetingPlaces : IAsyncDisposable
{
    private readonly TransferOptions _options;
    private readonly PairingCode _code;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Lock _lock = new();
    private readonly List<string> _rooms;
    private IHostedRelay? _hosted;
    private Task _answering = Task.CompletedTask;

    private MeetingPlaces(TransferOptions options, PairingCode code)
    {
        _options = options;
        _code = code;
        _rooms = [code.RoomName];
        Connector = null!;
    }

    /// <summary>Meets the other side.</summary>
    public IRoomConnector Connector { get; private set; }

    /// <summary>Starts a relay in this process, if the options have no other, and what answers for it.</summary>
    /// <param name="options">The options.</param>
    /// <param name="role">The role of this side.</param>
    /// <param name="code">The code.</param>
    /// <param name="raise">Gets the events of the search and of the relay.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="P2PException">The relay could not start, or an option cannot be used.</exception>
    public static async Task<MeetingPlaces> OpenAsync(
        TransferOptions options, PeerRole role, PairingCode code, Action<TransferEvent> raise, CancellationToken cancellationToken)
    {
        var places = new MeetingPlaces(options, code);
        try
        {
            await places.OpenAsync(role, raise, cancellationToken).ConfigureAwait(false);
            return places;
        }
        catch
        {
            await places.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Admits rooms at the relay in this process, also if it starts later.</summary>
    public void Admit(IEnumerable<string> rooms)
    {
        string[] added = [.. rooms];
        lock (_lock)
        {
            _rooms.AddRange(added);
            foreach (string room in added)
                _hosted?.Admit(room);
        }
    }

    /// <summary>Withdraws all rooms but that of the code, before the next transfer.</summary>
    public void Withdraw()
    {
        lock (_lock)
        {
            foreach (string room in _rooms.Skip(1))
                _hosted?.Withdraw(room);
            _rooms.RemoveRange(1, _rooms.Count - 1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_hosted is not null)
            await _hosted.DisposeAsync().ConfigureAwait(false);
        _starting.Dispose();
        _stop.Dispose();
    }

    private async Task OpenAsync(PeerRole role, Action<TransferEvent> raise, CancellationToken cancellationToken)
    {
        bool discovers = _options.DiscoverySetting == DiscoveryMode.Auto && _options.Connector is null;
        IRoomConnector? settled = _options.Connector;
        if (settled is null && _options.Relays.Count > 0)
            settled = new RelayConnector(_options.ForRelays(_options.Relays));
        bool hostsAlone = settled is null && _options.EmbeddedRelay is not null;
        if (hostsAlone)
        {
            IHostedRelay hosted = await HostAsync(cancellationToken).ConfigureAwait(false);
            settled = new RelayConnector(_options.ForRelays([hosted.LocalAddress]));
            raise(new TransferEvent.Listening(hosted.Addresses) { AnswersDiscovery = discovers });
        }

        // A receiver that runs a relay waits there, because the sender looks for it.
        bool asks = discovers && !(role == PeerRole.Receive && _options.EmbeddedRelay is not null);
        // On Windows, a program that listens makes the system ask the user. A side that has only its own relay listens anyway.
        bool answers = discovers && _options.EmbeddedRelay is not null && (hostsAlone || !OperatingSystem.IsWindows());
        if (!asks && !answers)
        {
            Connector = settled!;
            return;
        }

        byte[] key = DiscoveryMessage.KeyOf(_code.Route);
        Action<P2PException>? nothingFound = role == PeerRole.Receive ? e => raise(new TransferEvent.NothingFound(e.Message, e.Hint ?? string.Empty)) : null;
        var connector = new MeetingConnector(
            settled, asks ? new RelayFinder(key, role, _options.TimeProvider) : null, AtFound, nothingFound, _options.TimeProvider);
        Connector = connector;
        if (answers)
            _answering = new RelayAnswerer(key, role, token => AddressesAsync(hostsAlone ? null : connector, token), _options.TimeProvider).RunAsync(_stop.Token);
    }

    private async ValueTask<IReadOnlyList<Uri>> AddressesAsync(MeetingConnector? addTo, CancellationToken cancellationToken)
    {
        bool isNew = _hosted is null;
        IHostedRelay hosted = await HostAsync(cancellationToken).ConfigureAwait(false);
        if (isNew)
            addTo?.Add(AtFound(hosted.LocalAddress));
        return [.. hosted.Addresses, hosted.LocalAddress];
    }

    private async Task<IHostedRelay> HostAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_hosted is null)
            {
                IHostedRelay hosted = await _options.EmbeddedRelay!.StartAsync(cancellationToken).ConfigureAwait(false);
                lock (_lock)
                {
                    _hosted = hosted;
                    _rooms.ForEach(hosted.Admit);
                }
            }

            return _hosted;
        }
        finally
        {
            _starting.Release();
        }
    }

    // The token and the proxy are for the relays of the options.
    private RelayConnector AtFound(Uri address)
        => new(_options.ForRelays([address]) with { Token = null, TokenRelays = [], Proxy = ProxyAddress.None, ProxyCredential = null });
}
