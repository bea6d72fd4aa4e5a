using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Rooms;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Http;

/// <summary>
/// One accepted stream from its request head to its end. Whoever accepts streams (a listener, another host) runs one
/// of these for each.
/// </summary>
internal sealed class RelayConnection(RelayHub hub, PeerAddress peer, Action abort, bool isMetrics = false)
{
    private static readonly TimeSpan s_lingerTime = TimeSpan.FromSeconds(2);

    /// <summary>Serves the stream; returns when it is done with it. Never throws for what a client does.</summary>
    public async Task RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            (RequestHead? head, Refusal? refusal) = await RequestHeadReader.ReadAsync(stream, hub.Options, cancellationToken).ConfigureAwait(false);
            if (head is not null)
                refusal = await AnswerAsync(stream, head).ConfigureAwait(false);
            if (refusal is not null)
                await RefuseAsync(stream, refusal).ConfigureAwait(false);
        }
        catch (Exception e) when (FrameSink.IsEnd(e))
        {
            // The client is gone, or the relay stops.
        }
    }

    private async Task<Refusal?> AnswerAsync(Stream stream, RequestHead head)
    {
        if (head.Method != "GET")
            return new Refusal(405, "method", "The relay answers GET only; use a P2PCopy client, or GET /healthz to look whether it works.");
        if (!isMetrics && JoinRequest.IsRoomPath(head.Path))
        {
            if (head.IsHttp10)
                return Refusal.NotHttp11;
            JoinRequest? join = JoinRequest.Parse(head, out Refusal? refusal);
            return join is null ? refusal : await JoinAsync(stream, head, join).ConfigureAwait(false);
        }

        byte[]? answer = head.Path switch
        {
            "/healthz" => HttpReply.Ok("ok\n"),
            "/readyz" => hub.Admission.IsReady(out Refusal? why) ? HttpReply.Ok("ready\n") : HttpReply.Refuse(why),
            "/metrics" when isMetrics || hub.Options.MetricsListen is null => HttpReply.Ok(hub.Metrics.Text()),
            _ => null,
        };
        if (answer is null)
            return Refusal.NotFound;
        await SendAndLingerAsync(stream, answer).ConfigureAwait(false);
        return null;
    }

    private async Task<Refusal?> JoinAsync(Stream stream, RequestHead head, JoinRequest join)
    {
        PeerAddress client = peer.Forwarded(head, hub.Admission.TrustedProxies);
        if (hub.Admission.Enter(client, peer, join, out Refusal? refusal) is not { } lease)
            return refusal;

        using (lease)
        {
            var member = new Member(hub, stream, join, abort);
            RoomPlacement placement = hub.Rooms.Place(member);
            if (placement.Refusal is not null)
                return placement.Refusal;

            // Registered before the work starts, removed after it has ended.
            hub.Add(member);
            try
            {
                hub.Log.Joined(join, client, placement);
                hub.Metrics.Joined(placement.Partner is not null);
                TellOthers(placement);
                await member.RunAsync(placement).ConfigureAwait(false);
            }
            finally
            {
                hub.Remove(member);
                hub.Log.Left(join, client, member);
                hub.Metrics.Left(member);
            }
        }

        return null;
    }

    // Not waited for: they are most likely dead, and their time limits end them.
    private static void TellOthers(RoomPlacement placement)
    {
        _ = placement.Widowed?.EndAsync(WebSocketCloseStatus.EndpointUnavailable, "The other side joined anew.", new RelayHint(RelayHintKind.PeerLeft));
        _ = placement.Replaced?.EndAsync(RelayProtocol.Replaced, "A newer connection of the same member took this place.");
    }

    private async Task RefuseAsync(Stream stream, Refusal refusal)
    {
        hub.Metrics.Refused(refusal.Kind);
        hub.Log.Refused(refusal, peer);
        await SendAndLingerAsync(stream, HttpReply.Refuse(refusal)).ConfigureAwait(false);
    }

    // Closing with unread bytes could destroy the answer on its way: so the client gets a moment to read it and close.
    private async Task SendAndLingerAsync(Stream stream, byte[] answer)
    {
        using var limit = new CancellationTokenSource(s_lingerTime, hub.Clock);
        await stream.WriteAsync(answer, limit.Token).ConfigureAwait(false);
        if (stream is SslStream tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
        else if (stream is NetworkStream network)
            network.Socket.Shutdown(SocketShutdown.Send);

        byte[] scratch = new byte[1024];
        for (int left = 64; left > 0 && await stream.ReadAsync(scratch, limit.Token).ConfigureAwait(false) > 0; left--)
        {
            // Nobody's.
        }
    }
}
