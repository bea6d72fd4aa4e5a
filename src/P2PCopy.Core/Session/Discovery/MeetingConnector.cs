using System.Threading.Channels;
using P2PCopy.Transport;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Joins the room of a code wherever the other side may be: at the relays of the options or of this process, and at relays that are
/// found on the networks of this machine. The first one with the other side is used.
/// </summary>
/// <param name="settled">The relays of the options, or the relay that this process runs from the beginning; null without one.</param>
/// <param name="finder">Finds relays; null does not look for any.</param>
/// <param name="connect">Joins rooms at a relay that was found.</param>
/// <param name="nothingFound">Told once, after <see cref="Patience"/> without the other side; null if no one needs to know.</param>
/// <param name="time">The clock.</param>
internal sealed class MeetingConnector(
    IRoomConnector? settled, RelayFinder? finder, Func<Uri, IRoomConnector> connect, Action<P2PException>? nothingFound, TimeProvider time) : IRoomConnector
{
    /// <summary>The time after which a side is told that nothing was found.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    // Addresses of one relay, and a machine that knows the route and plays several.
    private const int MostFound = 4;

    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    // Both sides may have met at two relays at the same moment and chosen different ones. At the next attempt the settled one has time.
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<IRoomConnector> _own = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _lastMeeting;
    private bool _isTold;

    /// <summary>Adds the relay of this process, which was started because the other side asked for it.</summary>
    public void Add(IRoomConnector own) => _own.TrySetResult(own);

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
        => (await MeetAsync(join, cancellationToken).ConfigureAwait(false)).Channel;

    public async Task<Meeting> MeetAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = new List<Task<Meeting>>();
        Task<Meeting>? settledAttempt = settled is null ? null : AtAsync(settled, join, end.Token);
        if (settledAttempt is not null)
            attempts.Add(settledAttempt);
        var found = Channel.CreateUnbounded<Uri>();
        Task looking = LookAsync(found.Writer, end.Token);
        var foundAttempts = new Dictionary<Uri, Task<Meeting>>();
        Task patience = nothingFound is null || finder is null || _isTold ? Task.Delay(Timeout.Infinite, end.Token) : Task.Delay(Patience, time, end.Token);
        Task<bool> more = found.Reader.WaitToReadAsync(end.Token).AsTask();
        Task own = _own.Task;
        try
        {
            while (true)
            {
                Task first = await Task.WhenAny([.. attempts, more, own, patience]).ConfigureAwait(false);
                if (cancellationToken.IsCancellationRequested)
                    throw await CancelledAsync(settledAttempt, [.. foundAttempts.Keys], cancellationToken).ConfigureAwait(false);
                if (attempts.Find(a => a.IsCompletedSuccessfully) is { } met)
                {
                    attempts.Remove(met);
                    _lastMeeting = time.GetTimestamp();
                    return await met.ConfigureAwait(false);
                }

                if (first == more)
                {
                    while (found.Reader.TryRead(out Uri? address))
                    {
                        if (foundAttempts.Count < MostFound && !foundAttempts.ContainsKey(address))
                            attempts.Add(foundAttempts[address] = AtFoundAsync(address, foundAttempts.Count, join, end.Token));
                    }

                    more = found.Reader.WaitToReadAsync(end.Token).AsTask();
                }
                else if (first == own)
                {
                    attempts.Add(AtAsync(await _own.Task.ConfigureAwait(false), join, end.Token));
                    own = Task.Delay(Timeout.Infinite, end.Token);
                }
                else if (first == patience)
                {
                    patience = Task.Delay(Timeout.Infinite, end.Token);
                    _isTold = true;
                    nothingFound!(NotMet([.. foundAttempts.Keys]));
                }
                else
                {
                    attempts.Remove((Task<Meeting>)first);
                    foreach (Uri failed in foundAttempts.Where(f => f.Value == first).Select(f => f.Key).ToList())
                        foundAttempts.Remove(failed); // its next answer starts another attempt
                }

                // The failure of a settled relay is the result, unless the other side may still be met at one that was found.
                if (settledAttempt is { IsFaulted: true } && foundAttempts.Count == 0)
                    return await settledAttempt.ConfigureAwait(false);
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            foreach (Task<Meeting> attempt in attempts)
                await CloseAsync(attempt).ConfigureAwait(false);
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<Meeting> AtAsync(IRoomConnector connector, RoomJoin join, CancellationToken cancellationToken)
        => new(await connector.JoinAsync(join, cancellationToken).ConfigureAwait(false), connector);

    private async Task<Meeting> AtFoundAsync(Uri address, int already, RoomJoin join, CancellationToken cancellationToken)
    {
        await Task.Delay(already * Stagger, time, cancellationToken).ConfigureAwait(false);
        return await AtAsync(connect(address), join with { OnRetry = null }, cancellationToken).ConfigureAwait(false);
    }

    private async Task LookAsync(ChannelWriter<Uri> found, CancellationToken cancellationToken)
    {
        if (finder is null)
            return;
        if (settled is not null && _lastMeeting is { } last && time.GetElapsedTime(last) < RetryTime)
            await Task.Delay(HeadStart, time, cancellationToken).ConfigureAwait(false);
        await finder.RunAsync(address => found.TryWrite(address), cancellationToken).ConfigureAwait(false);
    }

    private static async Task CloseAsync(Task<Meeting> attempt)
    {
        await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attempt.IsCompletedSuccessfully)
            await (await attempt.ConfigureAwait(false)).Channel.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The cancellation, with the reason why the other side was not met.</summary>
    private async Task<OperationCanceledException> CancelledAsync(Task<Meeting>? settledAttempt, IReadOnlyList<Uri> found, CancellationToken cancellationToken)
    {
        if (settledAttempt is not null)
        {
            await ((Task)settledAttempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return settledAttempt.Exception?.InnerException as OperationCanceledException
                ?? new OperationCanceledException("The wait was cancelled.", settledAttempt.Exception?.InnerException, cancellationToken);
        }

        return new OperationCanceledException("The wait was cancelled.", finder is null ? null : NotMet(found), cancellationToken);
    }

    private P2PException NotMet(IReadOnlyList<Uri> found)
    {
        const string Firewall = "a firewall on the sending machine";
        if (found.Count > 0)
        {
            return new P2PException(P2PErrorCode.PeerDidNotCome, $"The other side answered on this network, but its relay at {RelayAddress.Show(found[0])} could not be joined.")
            {
                Hint = $"Probably {Firewall} blocks the TCP port: allow it there, set `Listen` on this side, or use a relay that both sides reach (`Relays`).",
            };
        }

        IReadOnlyList<string> interfaces = finder!.Interfaces;
        string tried = $"{string.Join(" and ", DiscoveryMessage.Groups)}, UDP port {DiscoveryMessage.Port}, on {(interfaces.Count > 0 ? string.Join(", ", interfaces) : "no interface, because none takes multicast")}";
        return new P2PException(P2PErrorCode.PeerDidNotCome, $"No sender with this code answered on the networks of this machine (asked: {tried}).")
        {
            Hint = settled is null
                ? $"Check the code. If it is right and the sender runs, set `Relays` to the address that it shows, or on both sides to a relay that both reach; {Firewall} may block the question."
                : $"The wait goes on at the relay. Check the code. If both machines are on one network, {Firewall} may block the question.",
        };
    }
}
