using System.Net;
using P2PCopy.Simulation.World;
using P2PCopy.Transport;

namespace P2PCopy.Simulation.Network;

/// <summary>Joins rooms of the simulated relay for one program.</summary>
internal sealed class SimConnector(Universe universe, SimRelay relay, SimProcess owner, Line line) : IRoomConnector
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Rejoin = TimeSpan.FromSeconds(45);

    /// <summary>In so many of a hundred joins the relay admits this side, and the answer is lost.</summary>
    public double GhostPercent { get; set; }

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        while (true)
        {
            Member member = await DialAsync(join, cancellationToken).ConfigureAwait(false);
            join.OnWaiting?.Invoke();
            if (await IsPairedAsync(member, cancellationToken).ConfigureAwait(false))
            {
                await SimProcess.LiveAsync().ConfigureAwait(false);
                return new SimChannel(universe, relay, member);
            }
        }
    }

    /// <summary>Whether the relay tells where it sees a port, and whether a router between keeps its number.</summary>
    public (bool IsTold, bool IsKept) Observation { get; init; }

    public async Task<PortObservation?> ObserveAsync(RoomJoin join, int localPort, CancellationToken cancellationToken)
    {
        await SimProcess.LiveAsync().ConfigureAwait(false);
        await Task.Delay(line.Delay(universe.Chance, 400), universe.Clock, cancellationToken).ConfigureAwait(false);
        if (!Observation.IsTold || line.IsDown || relay.IsDown)
            return null;
        int port = Observation.IsKept ? localPort : universe.Direct.TakePort();
        return new PortObservation(new IPEndPoint(universe.Direct.Seen(owner), port), new Connection());
    }

    private async Task<Member> DialAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        await SimProcess.LiveAsync().ConfigureAwait(false);
        await Task.Delay(line.Delay(universe.Chance, 400), universe.Clock, cancellationToken).ConfigureAwait(false);
        if (line.IsDown)
        {
            await Task.Delay(universe.Chance.Percent(50) ? DialTimeout : TimeSpan.Zero, universe.Clock, cancellationToken).ConfigureAwait(false);
            throw Failed("the network is down");
        }

        if (relay.IsDown)
            throw Failed("the connection was refused");
        if (relay.Join(join.Room, join.Role, join.Member, owner, line) is not { } member)
            throw new RoomOccupiedException(new P2PException(P2PErrorCode.RelayRefused, "The room has another client of this role."));
        if (universe.Chance.Percent(GhostPercent))
        {
            universe.Trace.Add("ghost-join", join.Room[..4]);
            member.Swallow(incoming: true, outgoing: true);
            await Task.Delay(DialTimeout, universe.Clock, cancellationToken).ConfigureAwait(false);
            throw Failed("the relay did not answer");
        }

        try
        {
            await Task.Delay(line.Delay(universe.Chance, 200), universe.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            member.Abort();
            throw;
        }

        return member;
    }

    // A waiting connection that is lost, or has waited long, is renewed.
    private async Task<bool> IsPairedAsync(Member member, CancellationToken cancellationToken)
    {
        using var renew = new CancellationTokenSource(Rejoin * (0.8 + 0.4 * universe.Chance.Fraction()), universe.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(renew.Token, cancellationToken);
        Task lost = LostAsync(member, either.Token);
        try
        {
            await Task.WhenAny(member.Paired.Task, lost).WaitAsync(either.Token).ConfigureAwait(false);
            return member.Paired.Task.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            if (member.Paired.Task.IsCompleted && !cancellationToken.IsCancellationRequested)
                return true;
            if (cancellationToken.IsCancellationRequested)
                member.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task LostAsync(Member member, CancellationToken cancellationToken)
    {
        while (!member.ToClient.IsEnded && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromSeconds(1), universe.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed class Connection : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static P2PException Failed(string why) => new(P2PErrorCode.RelayConnectFailed, $"The relay could not be reached: {why}.");
}
