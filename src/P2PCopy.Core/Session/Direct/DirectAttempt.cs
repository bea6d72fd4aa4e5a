using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Transport;
using P2PCopy.Transport.Tcp;

namespace P2PCopy.Session.Direct;

/// <summary>One attempt of both sides to connect to each other, from one local port on each side.</summary>
/// <param name="peer">The common state of the attempts of a session.</param>
/// <param name="connection">The direct connection, 0 to 15.</param>
/// <param name="number">The number of the attempt, the same on both sides.</param>
internal sealed class DirectAttempt(DirectPeer peer, int connection, int number)
{
    /// <summary>The time in which a connection must prove the session key.</summary>
    public static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(5);

    /// <summary>Connections that may wait for their proof at a time; further ones are closed.</summary>
    public const int MostUnproven = 8;

    // There is space for an observed and a mapped address.
    private const int MostInterfaces = Candidate.MostOffered - 2;

    /// <summary>Dialling ends after this time: the system has sent three packets to each address by then.</summary>
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(5);

    // Past one router of this side, then past more of them. Near sides may be only a few routers away from each other.
    private static readonly int[] TimesToLive = [2, 4, 3, 6];

    private readonly TaskCompletionSource<SecureLink> _winner = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskGroup _tasks = new();
    private int _unproven;
    private int _chosen;
    private int _dialled;

    /// <summary>Runs the attempt.</summary>
    /// <param name="offers">The other side's offers for this connection.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The link; null if there is none within the time, or if the other side has begun a later attempt.</returns>
    public async Task<SecureLink?> RunAsync(OfferBox offers, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AttemptTime, peer.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using DirectPort port = DirectPort.Open(peer.Settings.Port == 0 ? 0 : peer.Settings.Port + connection, peer.Settings.Listens);
        LocalNetwork network = LocalNetwork.Read();
        IEnumerable<Candidate> own = network.Addresses.Select(a => new Candidate(new IPEndPoint(a.Address, port.Port), CandidateKind.Interface));
        await peer.SendAsync(new CandidateOffer(connection, number, [.. own.Take(MostInterfaces)]), cancellationToken).ConfigureAwait(false);

        foreach (Socket listener in port.Listeners)
            _tasks.Add(AcceptAsync(listener, both.Token));
        _tasks.Add(ObserveAsync(port, both.Token));
        _tasks.Add(MapAsync(port, network, both.Token));
        _tasks.Add(DialAsync(port, network, offers, both));
        try
        {
            return await _winner.Task.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            await both.CancelAsync().ConfigureAwait(false);
            await _tasks.WaitAsync().ConfigureAwait(false);
        }
    }

    private async Task ObserveAsync(DirectPort port, CancellationToken cancellationToken)
    {
        if (peer.Settings.Mode == DirectMode.Lan)
            return;
        PortObservation? observation = await peer.ObserveAsync(connection, port.Port, cancellationToken).ConfigureAwait(false);
        if (observation is null)
            return;
        await using (observation)
        {
            if (CandidateRules.IsUnicast(observation.Seen.Address))
                await OfferAsync(observation.Seen, CandidateKind.Observed, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task MapAsync(DirectPort port, LocalNetwork network, CancellationToken cancellationToken)
    {
        if (peer.Settings.Mode == DirectMode.Lan || connection > 0 || !port.IsListening)
            return;
        if (await peer.MapAsync(port.Port, network, cancellationToken).ConfigureAwait(false) is { } mapped && CandidateRules.IsUnicast(mapped.Address))
            await OfferAsync(mapped, CandidateKind.Mapped, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask OfferAsync(IPEndPoint endPoint, CandidateKind kind, CancellationToken cancellationToken)
        => peer.SendAsync(new CandidateOffer(connection, number, [new Candidate(endPoint, kind)]), cancellationToken);

    private async Task DialAsync(DirectPort port, LocalNetwork network, OfferBox offers, CancellationTokenSource end)
    {
        while (await offers.NextAsync(number, end.Token).ConfigureAwait(false) is { } offer)
        {
            foreach (DialTarget target in peer.Rules.Choose(offer.Candidates, network, port.Port, peer.OnlyAddress(connection), _dialled))
            {
                _dialled++;
                peer.Context.Observer.Dialling(target.EndPoint);
                _tasks.Add(DialAsync(port, target, end.Token));
            }
        }

        await end.CancelAsync().ConfigureAwait(false); // the other side is at a later attempt
    }

    private async Task DialAsync(DirectPort port, DialTarget target, CancellationToken cancellationToken)
    {
        int timeToLive = TimesToLive[number % TimesToLive.Length];
        if (await DirectDialer.DialAsync(port, target, timeToLive, peer.Time, cancellationToken).ConfigureAwait(false) is { } socket)
            await ProveAsync(socket, cancellationToken).ConfigureAwait(false);
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Socket socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            if (Volatile.Read(ref _unproven) < MostUnproven)
                _tasks.Add(ProveAsync(socket, cancellationToken));
            else
                socket.Dispose();
        }
    }

    /// <summary>Both sides prove the session key on a connection. The sender answers the first proof only, so that one connection is left.</summary>
    private async Task ProveAsync(Socket socket, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _unproven);
        using var limit = new CancellationTokenSource(ProofTime, peer.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool isChosen = false;
        try
        {
            TcpMessageChannel channel = Wrap(socket);
            SecureLink link = await peer.ProveAsync(channel, connection, () => isChosen = Interlocked.Exchange(ref _chosen, 1) == 0, both.Token).ConfigureAwait(false);
            if (_winner.TrySetResult(link))
                peer.Connected(connection, channel.Remote.Address);
            else
                await link.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            if (isChosen)
                Volatile.Write(ref _chosen, 0);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _unproven);
        }
    }

    private TcpMessageChannel Wrap(Socket socket)
    {
        try
        {
            return new TcpMessageChannel(socket, peer.Time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
