using System.Net;
using System.Net.Sockets;
using P2PCopy.Transport;

namespace P2PCopy.Session.Direct;

/// <summary>Looks at what an attempt at a direct connection would find, without another side.</summary>
/// <param name="relay">The relay that tells what it sees.</param>
/// <param name="mode">The mode; <see cref="DirectMode.Lan"/> asks neither the relay nor the router.</param>
/// <param name="time">The clock.</param>
internal sealed class DirectProbe(IRoomConnector relay, DirectMode mode, TimeProvider time)
{
    // One port may be kept by chance.
    private const int Observations = 2;

    /// <summary>Looks.</summary>
    /// <param name="join">A room of its own.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<DirectOutlook> RunAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        LocalNetwork network = LocalNetwork.Read();
        var outlook = new DirectOutlook { HasIPv6 = network.Addresses.Any(own => IsGlobal(own.Address)) };
        if (mode == DirectMode.Lan)
            return outlook;

        for (int i = 0; i < Observations; i++)
        {
            using DirectPort port = DirectPort.Open(0, listens: false);
            await using PortObservation? observation = await relay.ObserveAsync(join, port.Port, cancellationToken).ConfigureAwait(false);
            NatKind kind = observation is null ? NatKind.Unknown : KindOf(observation.Seen, port.Port, network);
            outlook = outlook with { Nat = i == 0 || kind > outlook.Nat ? kind : outlook.Nat, SeenByRelay = outlook.SeenByRelay ?? observation?.Seen };
            if (i == 0)
                outlook = outlook with { Mapping = await MapAsync(port.Port, network, cancellationToken).ConfigureAwait(false) };
        }

        return outlook;
    }

    internal static NatKind KindOf(IPEndPoint seen, int port, LocalNetwork network)
        => IPAddress.IsLoopback(seen.Address) || network.IsOwn(seen.Address) ? NatKind.None
            : seen.Port == port ? NatKind.KeepsPorts
            : NatKind.ChangesPorts;

    private async Task<IPEndPoint?> MapAsync(int port, LocalNetwork network, CancellationToken cancellationToken)
    {
        await using var mapper = new PortMapper(time);
        return await mapper.MapAsync(port, network, cancellationToken).ConfigureAwait(false);
    }

    // Unique local addresses (RFC 4193) are of the own network.
    private static bool IsGlobal(IPAddress address)
        => address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv6UniqueLocal && CandidateRules.IsUnicast(address);
}
