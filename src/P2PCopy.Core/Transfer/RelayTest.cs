using System.Globalization;
using P2PCopy.Primitives;
using P2PCopy.Session.Direct;
using P2PCopy.Session.Pairing;
using P2PCopy.Transfer.Options;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>
/// Tests a relay as a transfer would use it: both members of a random room join from here, and messages go from one to
/// the other.
/// </summary>
public static class RelayTest
{
    /// <summary>Tests one relay.</summary>
    /// <param name="options">The relay and the settings.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The result; a relay that cannot be used gives a report with an <see cref="RelayTestReport.Error"/>.</returns>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: the options cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<RelayTestReport> RunAsync(RelayTestOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.Test(options);
        var dialer = new RelayDialer(options.ForRelays([options.Relay]));
        string room = Room.FromBytes(RandomSource.Bytes(16));

        DialResult first = await dialer.DialAsync(options.Relay, Join(room, PeerRole.Send), cancellationToken).ConfigureAwait(false);
        RelayTestReport report = Describe(options.Relay, first);
        if (first.Failure is { } closed)
            return report with { Error = closed.Error };

        WebSocketChannel sender = first.Channel!;
        await using (sender.ConfigureAwait(false))
        {
            DialResult second = await dialer.DialAsync(options.Relay, Join(room, PeerRole.Receive), cancellationToken).ConfigureAwait(false);
            if (second.Failure is { } failure)
                return report with { Error = failure.Error };

            WebSocketChannel receiver = second.Channel!;
            await using (receiver.ConfigureAwait(false))
                report = await MeasureAsync(options, report, sender, receiver, second.First, cancellationToken).ConfigureAwait(false);
        }

        DirectMode mode = options.Direct ?? TransferOptionList.DirectOfEnvironment();
        if (report.Error is not null || mode == DirectMode.Off)
            return report;
        var probe = new DirectProbe(new RelayConnector(options.ForRelays([options.Relay])), mode, options.TimeProvider);
        return report with { Direct = await probe.RunAsync(Join(Room.FromBytes(RandomSource.Bytes(16)), PeerRole.Send), cancellationToken).ConfigureAwait(false) };
    }

    private static async Task<RelayTestReport> MeasureAsync(
        RelayTestOptions options, RelayTestReport report, WebSocketChannel sender, WebSocketChannel receiver, RelayHint hint, CancellationToken cancellationToken)
    {
        string address = RelayDialer.Show(options.Relay);

        // The sender was in the room before the receiver joined, so a single relay would have paired them at once.
        if (hint.Kind != RelayHintKind.Paired)
        {
            return report with
            {
                Error = new P2PException(
                    P2PErrorCode.RelayConnectFailed,
                    $"Two connections to one room of {address} did not meet, so there are several relays at this address.")
                {
                    Hint = "The load balancer must send connections with the same path to the same relay.",
                },
            };
        }

        using var bound = new CancellationTokenSource(
            options.ConnectionTimeout + options.MeasureTime, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        try
        {
            while ((await sender.ReceiveHintAsync(both.Token).ConfigureAwait(false)).Kind != RelayHintKind.Paired)
            {
                // A hint that the relay drains changes nothing for a test.
            }

            var measure = new RelayMeasurement(sender, receiver, options.TimeProvider);
            report = report with { RoundTrip = await measure.RoundTripAsync(both.Token).ConfigureAwait(false) };
            if (options.MeasureTime > TimeSpan.Zero)
            {
                TimeSpan length = options.MeasureTime;
                report = report with { BytesPerSecond = await measure.ThroughputAsync(length, both.Token).ConfigureAwait(false) };
            }

            return report;
        }
        catch (ChannelClosedException e)
        {
            return report with { Error = Lost($"The relay {address} ended the connection while it was measured: {e.Message}", e) };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            string time = options.ConnectionTimeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
            return report with { Error = Lost($"The relay {address} let two members meet, but what one sent did not reach the other within {time} s.", e) };
        }
    }

    private static RelayTestReport Describe(Uri relay, DialResult result) => new()
    {
        Relay = relay,
        IsReachable = result.Failure is not { Code: P2PErrorCode.RelayConnectFailed, Status: 0 } || result.Certificate is not null,
        IsTlsValid = result.Certificate is { } certificate ? certificate.Problem is null : null,
        CertificateHash = result.Certificate?.Sha256,
        CertificateExpires = result.Certificate?.NotAfter,
        Version = result.RelayVersion,
    };

    private static RoomJoin Join(string room, PeerRole role) => new(room, role, RandomSource.Hex(RelayProtocol.MemberLength));

    private static P2PException Lost(string message, Exception cause) => new(P2PErrorCode.ConnectionLost, message, cause);
}
